// One Dashboard Studio view at Splunk Web's own address. What the page does is told to tests by window.__studio.
import React from 'react';
import { createRoot } from 'react-dom/client';
import { DashboardContextProvider } from '@splunk/dashboard-context';
import DashboardCore from '@splunk/dashboard-core';
import SplunkThemeProvider from '@splunk/themes/SplunkThemeProvider';
import * as check from './check';
import { unfilled } from './handlers';
import preset from './preset';
import { inFlight, searchLog, shown } from './RestSearch';

const params = new URLSearchParams(window.location.search);
const { view } = document.body.dataset;

let fetching = 0; // every request of the page, not only the searches of RestSearch
const realFetch = window.fetch.bind(window);
window.fetch = (...args) => {
    fetching += 1;
    return realFetch(...args).finally(() => {
        fetching -= 1;
    });
};

const probe = {
    ready: false,
    errors: [], // what a test fails on
    links: [], // where drill-downs lead: {url, newTab}
    tokens: {}, // the tokens as they are now
    searchLog,
    busy: () => inFlight.size + fetching,
    problems: (options) => check.problems(probe, options),
    panels: () => check.panels(probe.definition),
};
window.__studio = probe;
window.addEventListener('error', (event) => probe.errors.push(`error: ${event.message}`));
window.addEventListener('unhandledrejection', (event) =>
    probe.errors.push(`unhandled rejection: ${event.reason?.message || event.reason}`)
);

/** Splunk Web's own pages are not here, and neither is where they lead; a view of the app is followed. */
const plugin = {
    onLinkToUrl: (event) => {
        event.preventDefault();
        probe.links.push({ url: event.url, newTab: !!event.newTab });
        probe.errors.push(...unfilled(event.url));
        const local = event.url.startsWith('/') && !params.has('stay');
        if (local) window.open(`/en-US${event.url.replace(/^\/en-US(?=\/)/, '')}`, event.newTab ? '_blank' : '_self');
        else if (/^https?:/.test(event.url) && !params.has('stay')) window.open(event.url, '_blank', 'noopener');
    },
};

class Boundary extends React.Component {
    state = {};

    static getDerivedStateFromError(error) {
        return { error };
    }

    componentDidCatch(error) {
        probe.errors.push(`react: ${error.message}`);
    }

    render() {
        return this.state.error ? <pre data-test="page-crash">{String(this.state.error.stack)}</pre> : this.props.children;
    }
}

/** `form.<token>=…` of the address, as Splunk Web gives them to a dashboard. */
function tokensOfAddress() {
    const given = [...params].filter(([key]) => key.startsWith('form.')).map(([key, value]) => [key.slice(5), value]);
    return given.length ? { default: Object.fromEntries(given) } : undefined;
}

/** The theme of the page; the bar's link changes it, in place. */
function useTheme() {
    const [theme, setTheme] = React.useState(document.documentElement.dataset.theme);
    React.useEffect(() => {
        const link = document.querySelector('nav.frame a.theme');
        const change = (event) => {
            event.preventDefault();
            const next = new URL(link.href).searchParams.get('theme');
            window.history.replaceState(null, '', link.href);
            document.documentElement.dataset.theme = next;
            document.querySelectorAll('nav.frame a').forEach((each) => {
                const address = new URL(each.href);
                address.searchParams.set('theme', each === link ? theme : next);
                each.href = address;
            });
            link.textContent = `${theme[0].toUpperCase()}${theme.slice(1)} theme`;
            setTheme(next);
        };
        link?.addEventListener('click', change);
        return () => link?.removeEventListener('click', change);
    }, [theme]);
    return theme;
}

const Themed = ({ children }) => (
    <SplunkThemeProvider family="enterprise" colorScheme={useTheme()} density="comfortable">
        {children}
    </SplunkThemeProvider>
);

async function start() {
    const response = await fetch(`/viewer/definition/${encodeURIComponent(view)}`);
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    probe.definition = answer;
    [answer.visualizations, answer.inputs]
        .flatMap((items) => Object.values(items || {}))
        .forEach(({ dataSources }) => Object.values(dataSources || {}).forEach((source) => shown.add(source)));
    createRoot(document.getElementById('root')).render(
        <Boundary>
            <Themed>
                <DashboardContextProvider
                    preset={preset}
                    initialDefinition={answer}
                    initialMode="view"
                    initialTokenBinding={tokensOfAddress()}
                    dashboardPlugin={plugin}
                    onTokenBindingChange={(tokens) => {
                        probe.tokens = tokens;
                    }}
                >
                    <DashboardCore
                        width="100%"
                        height="100%"
                        onValidationError={(error) => probe.errors.push(`schema: ${JSON.stringify(error)}`)}
                        dashboardCoreApiRef={() => {
                            probe.ready = true;
                        }}
                    />
                </DashboardContextProvider>
            </Themed>
        </Boundary>
    );
}

start().catch((error) => {
    probe.errors.push(`start: ${error.message}`);
    document.getElementById('root').textContent = error.message;
});
