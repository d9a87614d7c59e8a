// Splunk Web loads this file with RequireJS; the page itself is made of modules, which lie beside it.
(() => {
    const root = document.getElementById('delegation-watch-setup');
    const config = window.$C || {};
    const beside = document.currentScript && document.currentScript.src;
    const here =
        beside ||
        new URL(
            `${config.MRSPARKLE_ROOT_PATH || ''}/${config.LOCALE || 'en-US'}/static/app/delegation_watch/`,
            window.location.href,
        ).href;
    import(new URL('delegation_watch/setup.js', here).href)
        .then((page) => page.start(root))
        .catch((error) => {
            root.textContent = `The page could not be loaded (${error.message}). Reload it, or clear the browser’s cache.`;
        });
})();
