// Splunk Web loads this file with RequireJS; the page itself is made of modules.
import('./delegation_watch/review.js').then((page) => page.start(document.getElementById('delegation-watch-review')));
