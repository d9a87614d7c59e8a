// Calls of the app's own REST handler through Splunk Web, as docs/setup.md describes it.

const config = () => window.$C || {};

// Splunk Web's rule against forged requests: what stands in this cookie must come back in a header.
function formKey() {
    const wanted = `splunkweb_csrf_token_${config().MRSPARKLE_PORT_NUMBER || ''}`;
    const cookies = document.cookie.split('; ').map((each) => each.split('='));
    const found =
        cookies.find(([name]) => name === wanted) ||
        cookies.find(([name]) => name.startsWith('splunkweb_csrf_token_'));
    return found ? decodeURIComponent(found[1]) : '';
}

const splunkd = () => config().SPLUNKD_PATH || '/en-US/splunkd/__raw';

// A page of Splunk Web, under the prefix and the language of this one.
export const webAddress = (path) => `${splunkd().replace(/\/splunkd\/__raw$/, '')}/${path}`;

function address(path, query) {
    const base = splunkd();
    const params = new URLSearchParams({ ...query, output_mode: 'json' });
    return `${base}/servicesNS/nobody/delegation_watch/delegation_watch/${path}?${params}`;
}

// What the handler refuses, in its own words; `field` is to blame, `ended` says that the session is over.
export class Refused extends Error {
    constructor(text, status, field) {
        super(text);
        this.status = status;
        this.field = field || '';
        this.ended = status === 401;
    }
}

// Splunk Web, or what stands before it, speaks for the handler: it did not wait, or cannot reach splunkd.
function unsaid(method, status) {
    if (status < 500) return `Splunk answered with HTTP ${status}.`;
    const again =
        method === 'GET'
            ? 'Try again.'
            : 'It may have been done all the same: reload the page before you repeat it.';
    return `Splunk Web got no answer in time (HTTP ${status}). ${again}`;
}

async function call(method, path, { query = {}, body } = {}) {
    const headers = { 'X-Requested-With': 'XMLHttpRequest' };
    if (method !== 'GET') {
        headers['X-Splunk-Form-Key'] = formKey();
        headers['Content-Type'] = 'application/json';
    }
    let answer;
    try {
        const sent = method === 'GET' ? undefined : JSON.stringify(body || {});
        answer = await fetch(address(path, query), { method, headers, body: sent, credentials: 'same-origin' });
    } catch (error) {
        throw new Refused('Splunk does not answer. Check the connection and try again.', 0);
    }
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return told;
    const said = (told.messages || []).map((each) => each.text).join(' ') || unsaid(method, answer.status);
    const text =
        answer.status === 401
            ? 'Your session has ended, and nothing was saved. Sign in again in another tab, then repeat this.'
            : said;
    throw new Refused(text, answer.status, told.field);
}

export const get = (path, query) => call('GET', path, { query });
export const post = (path, body) => call('POST', path, { body });

// A name as a part of an address. One of dots alone would lead elsewhere, and one of nothing nowhere.
export function part(name) {
    if (/^[.]*$/.test(name)) throw new Refused('Enter a name that begins with a letter or a digit.', 400, 'name');
    return encodeURIComponent(name);
}
