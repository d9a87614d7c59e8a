// What is wrong with the dashboard on the page now. A test fails on anything in problems().
import { strictSchema, stockSchema, normalise, validate } from './schema';
import { searchLog } from './RestSearch';

const dsl = new Map(); // expression -> last outcome with data

globalThis.__dsl = (expr, scopes, value, error) => {
    const primary = scopes?.frames?.primary;
    const hasData = !!primary?.series?.length && primary.series.some((s) => s.points?.length || s.length);
    if (error) {
        // with no data yet, "could not resolve primary" and the like are normal
        if (hasData) dsl.set(expr, error.message);
    } else if (hasData) {
        dsl.set(expr, value === undefined ? 'gives nothing (no such field or series?)' : null);
    }
};

export const dslOutcomes = () => Object.fromEntries(dsl);

const squash = (s) => (s || '').replace(/\s+/g, ' ').trim();

/** Each panel of the tab on show: what it shows instead of data. */
export function panels() {
    return [...document.querySelectorAll('[data-test="viz-item"]')].map((el) => {
        const has = (t) => el.querySelector(`[data-test="${t}"]`);
        const waiting = has('viz-waiting-for-input-message');
        let state = 'ok';
        let message = '';
        if (has('dashboard-message')) {
            state = 'error';
            message = squash(has('dashboard-message').innerText);
        } else if (has('viz-waiting-for-input')) {
            message = squash(waiting?.querySelector('[data-test="screen-reader-content"]')?.innerText || waiting?.innerText);
            state = /no search results/i.test(message) ? 'empty' : 'error';
            if (/set token value/i.test(message)) state = 'token';
        } else if (has('icon-placeholder')) {
            state = 'placeholder'; // no data, or the options' expressions gave none
        } else if (squash(has('majorValue')?.innerText) === 'N/A') {
            state = 'placeholder';
            message = 'N/A';
        }
        return { id: el.dataset.id, type: el.dataset.vizType, state, message };
    });
}

/** The definition's own expressions; the visualizations add defaults of theirs, which may give nothing. */
function ownExpressions(node, out = []) {
    if (typeof node === 'string') {
        if (/^\s*>/.test(node)) out.push(node);
    } else if (node && typeof node === 'object') {
        Object.values(node).forEach((v) => ownExpressions(v, out));
    }
    return out;
}

/** References that the schema does not check. */
export function references(def) {
    const out = [];
    const ds = def.dataSources || {};
    ['visualizations', 'inputs'].forEach((stanza) =>
        Object.entries(def[stanza] || {}).forEach(([id, item]) =>
            Object.entries(item.dataSources || {}).forEach(([role, ref]) => {
                if (!ds[ref]) out.push(`/${stanza}/${id}/dataSources/${role}: no data source ${ref}`);
            })
        )
    );
    Object.entries(ds).forEach(([id, d]) => {
        if (d.options?.extend && !ds[d.options.extend]) out.push(`/dataSources/${id}: extends ${d.options.extend}, which is not there`);
    });
    const used = new Set();
    Object.values(def.layout?.layoutDefinitions || { only: def.layout || {} }).forEach((l) =>
        (l.structure || []).forEach((s) => used.add(s.item))
    );
    (def.layout?.globalInputs || []).forEach((i) => used.add(i));
    ['visualizations', 'inputs'].forEach((stanza) =>
        Object.keys(def[stanza] || {}).forEach((id) => {
            if (!used.has(id)) out.push(`/${stanza}/${id}: in no layout`);
        })
    );
    return out;
}

export function schemaProblems(raw) {
    const def = normalise(raw);
    const told = new Set(); // paths with a plain reason; "must match then schema" and the like add nothing
    const noise = new Set(['if', 'anyOf', 'oneOf', 'allOf']);
    return [stockSchema(), strictSchema()].flatMap((schema) =>
        validate(def, schema)
            .filter((e) => !noise.has(e.keyword) && !(e.keyword === 'pattern' && told.has(e.path)))
            .map((e) => {
                told.add(e.path);
                const { allowedValues, additionalProperty } = e.params || {};
                return `schema ${e.path}: ${e.message}${additionalProperty ? `: ${additionalProperty}` : ''}${
                    allowedValues ? `: ${allowedValues.join(' ')}` : ''
                }`;
            })
    );
}

/** schema: also the schema checks (4 s of compiling once per page; dist/validate.cjs does them for all views at once) */
export function problems(probe, { allow = ['ok'], schema = false } = {}) {
    const own = ownExpressions(probe.definition);
    return [
        ...new Set([
            ...probe.errors,
            ...(schema ? schemaProblems(probe.definition) : []),
            ...references(probe.definition),
            ...searchLog.filter((s) => s.error && s.error !== 'cancelled').map((s) => `search ${s.id}: ${s.error}`),
            ...panels()
                .filter((p) => !allow.includes(p.state))
                .map((p) => `panel ${p.id} (${p.type}) ${p.state}: ${p.message}`),
            ...[...dsl]
                // an expression may come back with the framework's "| getField()" after it
                .filter(([e, bad]) => bad && own.some((o) => e.startsWith(o)))
                .map(([e, bad]) => `expression "${e}": ${bad}`),
        ]),
    ];
}
