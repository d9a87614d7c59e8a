// What is wrong with a definition before anything is drawn: schema, references, what older Splunk versions lack.
import { migrateToTabsLayout } from '@splunk/dashboard-utils';
import { DashboardValidator } from '@splunk/dashboard-validation';
import { stockSchema, strictSchema } from './schema';

// What Splunk Enterprise 9.3 and 9.4 draw. splunk.timeline came to the packages early in 2025, after 9.4;
// splunk.networkGraph is of 10.4.
const VISUALIZATIONS = [
    'area', 'bar', 'bubble', 'choropleth.svg', 'column', 'ellipse', 'events', 'fillergauge', 'image', 'line', 'linkgraph',
    'map', 'markdown', 'markergauge', 'parallelcoordinates', 'pie', 'punchcard', 'rectangle', 'sankey', 'scatter',
    'singlevalue', 'singlevalueicon', 'singlevalueradial', 'table',
].map((name) => `splunk.${name}`);
// Keys of the definition, of a panel, of a layout; tabs are of 9.4, expressions and conditions of 10.
const KEYS = ['title', 'description', 'dataSources', 'visualizations', 'inputs', 'layout', 'defaults', 'applicationProperties'];
const ITEM_KEYS = ['type', 'title', 'description', 'dataSources', 'options', 'context', 'eventHandlers', 'showProgressBar',
    'showLastUpdated'];
const LAYOUT_KEYS = ['type', 'options', 'structure', 'globalInputs'];
const HANDLERS = ['setToken', 'customUrl', 'linkToDashboard', 'linkToSearch', 'linkToReport'].map((name) => `drilldown.${name}`);

const others = (node, known, path) =>
    Object.keys(node || {})
        .filter((key) => !known.includes(key))
        .map((key) => `${path}/${key}: not known to every supported Splunk`);

/** What a supported Splunk lacks. */
export function newer(definition) {
    const items = ['visualizations', 'inputs'].flatMap((stanza) =>
        Object.entries(definition[stanza] || {}).map(([id, item]) => [`/${stanza}/${id}`, item])
    );
    return [
        ...others(definition, KEYS, ''),
        ...others(definition.layout, LAYOUT_KEYS, '/layout'),
        ...items.flatMap(([path, item]) => [
            ...others(item, ITEM_KEYS, path),
            ...(item.eventHandlers || [])
                .filter(({ type }) => !HANDLERS.includes(type))
                .map(({ type }) => `${path}/eventHandlers: ${type} is not known to every supported Splunk`),
        ]),
        ...Object.entries(definition.visualizations || {})
            .filter(([, { type }]) => !VISUALIZATIONS.includes(type))
            .map(([id, { type }]) => `/visualizations/${id}: ${type} is not known to every supported Splunk`),
    ];
}

/** References that no schema checks. */
export function references(definition) {
    const { dataSources = {}, visualizations = {}, inputs = {}, layout = {} } = definition;
    const items = Object.entries({ visualizations, inputs }).flatMap(([stanza, all]) =>
        Object.entries(all).map(([id, item]) => [`/${stanza}/${id}`, id, item])
    );
    const used = items.flatMap(([, , item]) => Object.values(item.dataSources || {}));
    const bases = Object.values(dataSources).flatMap(({ options }) => options?.extend || []);
    const placed = [...(layout.structure || []).map(({ item }) => item), ...(layout.globalInputs || [])];
    const there = [...Object.keys(visualizations), ...Object.keys(inputs)];
    return [
        ...items.flatMap(([path, , item]) =>
            Object.entries(item.dataSources || {})
                .filter(([, source]) => !dataSources[source])
                .map(([role, source]) => `${path}/dataSources/${role}: no data source ${source}`)
        ),
        ...bases.filter((base) => !dataSources[base]).map((base) => `/dataSources: ${base} is extended and not there`),
        ...Object.keys(dataSources)
            .filter((id) => !used.includes(id) && !bases.includes(id))
            .map((id) => `/dataSources/${id}: nothing uses it`),
        ...items.filter(([, id]) => !placed.includes(id)).map(([path]) => `${path}: in no layout`),
        ...placed.filter((id) => !there.includes(id)).map((id) => `/layout: ${id} is not there`),
    ];
}

const validators = new Map(); // compiling takes seconds

function violations(definition, schema) {
    if (!validators.has(schema)) {
        const fresh = new DashboardValidator();
        const wrong = fresh.setSchema(schema);
        if (wrong) throw wrong;
        validators.set(schema, fresh);
    }
    return validators.get(schema).validate(definition) || [];
}

const NOISE = ['if', 'anyOf', 'oneOf', 'allOf']; // "must match then schema": the reason stands beside it

/** What Splunk's own schema and the strict one find. */
export function schemaProblems(definition) {
    const migrated = migrateToTabsLayout({ definition }); // as the viewer itself does before it validates
    if (!migrated.success) return [`/layout: ${migrated.reason || 'cannot be read'}`];
    const told = new Set();
    return [stockSchema(), strictSchema()].flatMap((schema) =>
        violations(migrated.definition, schema)
            .filter(({ keyword, instancePath }) => !NOISE.includes(keyword) && !(keyword === 'pattern' && told.has(instancePath)))
            .map(({ instancePath, message, params = {} }) => {
                told.add(instancePath);
                const more = params.additionalProperty || params.allowedValues?.join(' ');
                return `${instancePath}: ${message}${more ? `: ${more}` : ''}`;
            })
    );
}

export const allProblems = (definition) => [
    ...new Set([...schemaProblems(definition), ...references(definition), ...newer(definition)]),
];
