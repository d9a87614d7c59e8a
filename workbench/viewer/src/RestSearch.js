// A Dashboard Studio data source over splunkd's search/jobs, as ds.search, ds.chain and ds.savedSearch are, but one
// that waits for its job instead of polling it. A chain search is a post-process search on its base's job.
import DataSource from '@splunk/datasources/DataSource';
import SplunkSavedSearch from '@splunk/datasources/SplunkSavedSearch';
import SplunkSearch from '@splunk/datasources/SplunkSearch';
import { DataSet, DS_STATUS } from '@splunk/datasource-utils';
import { addLeadingSearchCommand } from '@splunk/splunk-utils/search';
import { getDefaultFetchInit } from '@splunk/splunk-utils/fetch';
import { app, username } from '@splunk/splunk-utils/config';
import { createRESTURL } from '@splunk/splunk-utils/url';

/** For tests: every search of the page, as {id, query, base, earliest, latest, began, seconds, rows} or with an error;
 *  `rows` only where they are shown. */
export const searchLog = [];
/** Names of the data sources that a panel or an input shows; of others only chain searches want to know. */
export const shown = new Set();
/** Searches under way. */
export const inFlight = new Set();

let started = 0;

const KEEP = 120_000; // milliseconds after which a job is touched again; splunkd keeps it for ten minutes

const NO_ROWS = 'Search ran successfully, but no results were returned';

/** One call of search/jobs; the error bears splunkd's own words. */
async function call(path, form, signal) {
    const init = getDefaultFetchInit();
    const response = await fetch(createRESTURL(path, { app, owner: username }), {
        ...init,
        method: 'POST',
        signal,
        headers: { ...init.headers, 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(Object.entries(form).filter(([, value]) => value !== undefined)),
    });
    const answer = await response.json().catch((error) => {
        if (error.name === 'AbortError') throw error; // the panel is gone, and asks no more
        return {};
    });
    if (!response.ok) {
        throw new Error((answer.messages || []).map((message) => message.text).join(' ') || `HTTP ${response.status}`);
    }
    return answer;
}

const asNumber = (value) => (value === '' || value === null || Array.isArray(value) ? NaN : Number(value));

function compare(a, b) {
    const [x, y] = [asNumber(a), asNumber(b)];
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    return String(a ?? '').localeCompare(String(b ?? ''));
}

/** The rows that a visualization asks for: sorted, and one page of them. */
function cut({ fields, columns }, { offset = 0, count = 0, sort } = {}) {
    const order = Array.from({ length: columns[0]?.length || 0 }, (_, place) => place);
    Object.entries(sort || {})
        .reverse()
        .forEach(([name, direction]) => {
            const column = columns[fields.findIndex((field) => (field.name ?? field) === name)];
            if (column) order.sort((a, b) => (direction === 'desc' ? -1 : 1) * compare(column[a], column[b]));
        });
    const kept = order.slice(offset, count > 0 ? offset + count : undefined);
    return DataSet.fromJSONCols(fields, columns.map((column) => kept.map((place) => column[place])));
}

export default class RestSearch extends DataSource {
    // Splunk's own options and rules of chaining, so that validation stays what it is in Splunk.
    static schema = SplunkSearch.schema;

    static config = SplunkSearch.config;

    constructor(options = {}, context = {}, meta = {}, baseChainModel = {}) {
        super(options, context, meta, baseChainModel);
        if (!options.query && !options.ref) {
            throw new Error('query string or saved search ref is required');
        }
        this.refresh = false;
        this.abort = new AbortController(); // a chain search may hear of its base before setup()
    }

    // One search for each data source, as there is one job; request() then serves pages of it.
    async setup() {
        if (this.abort.signal.aborted) this.abort = new AbortController();
        if (!this.options.extend) {
            const { query, ref, queryParameters } = this.options;
            this.answer = this.run(query ? addLeadingSearchCommand(query) : `| savedsearch "${ref}"`, queryParameters);
        }
        return null;
    }

    /** Run a search, or with `base` (a job's sid) a post-process search on it. */
    async run(query, time = {}, base = undefined) {
        started += 1;
        const number = started;
        const entry = { id: this.context.id, query, base, earliest: time.earliest, latest: time.latest };
        entry.began = performance.now() / 1000;
        searchLog.push(entry);
        inFlight.add(number);
        try {
            const sid = base || (await this.dispatch(query, time));
            const answer = { sid, post: base && query, key: `${sid} ${number}`, query, time, fields: [], columns: [] };
            if (!shown.has(this.context.id)) return answer;
            const page = { output_mode: 'json_cols', count: 0, search: base && query };
            const { fields, columns } = await call(`search/v2/jobs/${encodeURIComponent(sid)}/results`, page, this.abort.signal);
            entry.rows = columns[0]?.length || 0;
            return { ...answer, fields, columns };
        } catch (error) {
            entry.error = error.name === 'AbortError' ? 'cancelled' : error.message;
            return { sid: base, query, error: entry.error };
        } finally {
            entry.seconds = performance.now() / 1000 - entry.began;
            inFlight.delete(number);
        }
    }

    /** Run a search; its job is kept as long as the page may ask for post-process searches on it. */
    async dispatch(query, { earliest, latest }) {
        const form = { search: query, earliest_time: earliest, latest_time: latest };
        const { signal } = this.abort;
        const { sid } = await call('search/v2/jobs', { ...form, exec_mode: 'blocking', output_mode: 'json' }, signal);
        const touch = () => call(`search/jobs/${encodeURIComponent(sid)}/control`, { action: 'touch', output_mode: 'json' }, signal);
        const kept = setInterval(() => touch().catch(() => clearInterval(kept)), KEEP);
        signal.addEventListener('abort', () => clearInterval(kept));
        return sid;
    }

    request(params = {}) {
        return (observer) => {
            let live = true;
            if (this.answer) {
                this.answer.then((answer) => live && answer.error !== 'cancelled' && RestSearch.tell(observer, answer, params));
            } else {
                // a chain search whose base has not answered; see getObserver
                observer.next({ meta: { status: DS_STATUS.QUEUED, percentComplete: 0 } });
            }
            return () => {
                live = false;
            };
        };
    }

    static tell(observer, answer, params) {
        const { sid, key, post, query, error, time } = answer;
        if (error) {
            observer.error({ level: 'error', message: error, meta: { sid, search: query, status: DS_STATUS.FAILED } });
            return;
        }
        const totalCount = answer.columns[0]?.length || 0;
        observer.next({
            data: cut(answer, params),
            meta: {
                sid: key, // another one for each run, so that chain searches notice
                status: DS_STATUS.DONE,
                percentComplete: 100,
                totalCount,
                lastUpdated: new Date().toISOString(),
                statusMessage: totalCount === 0 ? NO_ROWS : '',
                search: query,
                queryParameters: time,
                job: sid,
                post,
            },
        });
        observer.complete();
    }

    // What a chain search is told of its base.
    getObserver = () => ({
        next: ({ meta }) => {
            this.refresh = false;
            if (meta?.status === DS_STATUS.DONE && meta.job && meta.sid !== this.parent) {
                this.parent = meta.sid;
                const own = this.options.query.trim().replace(/^(?!\|)/, '| ');
                this.answer = this.run(meta.post ? `${meta.post}\n${own}` : own, meta.queryParameters, meta.job);
                this.refresh = true;
            }
        },
        error: () => {
            this.refresh = false;
        },
        complete: () => {},
    });

    shouldRefreshSubscription() {
        return this.refresh;
    }

    async teardown() {
        this.abort.abort();
        return null;
    }
}

export class RestSavedSearch extends RestSearch {
    static schema = SplunkSavedSearch.schema;

    static config = SplunkSavedSearch.config;
}
