// What is wrong with the dashboard on the page now. A test fails on anything in problems().
import { heedless } from './handlers';
import { searchLog } from './RestSearch';

const evaluated = new Map(); // expression -> what was wrong when it last had data; null where nothing was

globalThis.__dsl = (expression, scopes, value, error) => {
    const primary = scopes?.frames?.primary;
    const hasData = primary?.series?.some((series) => series.points?.length || series.length);
    if (!hasData) return; // with no data yet, "could not resolve primary" and the like are normal
    evaluated.set(expression, error ? error.message : value === undefined ? 'gives nothing (no such field?)' : null);
};

const line = (text) => (text || '').replace(/\s+/g, ' ').trim();

/** What a panel shows in place of data: {state, message}; `ok` where it shows data. */
function shown(element) {
    const part = (name) => element.querySelector(`[data-test="${name}"]`);
    if (part('dashboard-message')) return { state: 'error', message: line(part('dashboard-message').innerText) };
    if (part('viz-waiting-for-input')) {
        const waiting = part('viz-waiting-for-input-message');
        const spoken = waiting?.querySelector('[data-test="screen-reader-content"]') || waiting;
        const message = line(spoken?.innerText);
        if (/no search results/i.test(message)) return { state: 'empty', message };
        return { state: /set token value/i.test(message) ? 'token' : 'error', message };
    }
    if (part('icon-placeholder')) return { state: 'placeholder', message: 'the options give nothing to draw' };
    if (line(part('majorValue')?.innerText) === 'N/A') return { state: 'placeholder', message: 'N/A' };
    return { state: 'ok', message: '' };
}

/** Whether the last search behind a panel gave no rows: charts then show bare axes. */
function withoutRows(definition, id) {
    const source = definition?.visualizations?.[id]?.dataSources?.primary;
    const runs = searchLog.filter((search) => search.id === source && search.rows !== undefined);
    return runs.length > 0 && runs[runs.length - 1].rows === 0;
}

/** Each panel: {id, type, state, message}. */
export const panels = (definition) =>
    [...document.querySelectorAll('[data-test="viz-item"]')].map((element) => {
        const { id, vizType } = element.dataset;
        const found = shown(element);
        const state = found.state === 'ok' && withoutRows(definition, id) ? 'empty' : found.state;
        return { id, type: vizType, ...found, state };
    });

/** The definition's own expressions; visualizations add defaults of theirs, which may well give nothing. */
function expressions(node) {
    if (typeof node === 'string') return /^\s*>/.test(node) ? [node] : [];
    return node && typeof node === 'object' ? Object.values(node).flatMap(expressions) : [];
}

/** `allow`: the states that a panel may be in. */
export function problems(probe, { allow = ['ok'] } = {}) {
    const own = expressions(probe.definition);
    // an expression may come back with the framework's own "| getField()" behind it
    const ours = ([expression, wrong]) => wrong && own.some((one) => expression.startsWith(one));
    return [
        ...new Set([
            ...probe.errors,
            ...heedless(probe.definition),
            ...searchLog.filter(({ error }) => error && error !== 'cancelled').map(({ id, error }) => `search ${id}: ${error}`),
            ...panels(probe.definition)
                .filter(({ state }) => !allow.includes(state))
                .map(({ id, type, state, message }) => `panel ${id} (${type}) ${state}: ${message}`),
            ...[...evaluated].filter(ours).map(([expression, wrong]) => `expression "${expression}": ${wrong}`),
        ]),
    ];
}
