// Splunk Web loads this file with RequireJS; the page itself is made of modules.
import('./delegation_watch/setup.js').then((page) => page.start(document.getElementById('delegation-watch-setup')));
