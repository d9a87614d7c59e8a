// Event handlers that Splunk Web has and its packages lack, after their documented options. They fill click tokens in
// from the event's payload and emit the framework's own "linkTo" action, which the page records and follows.

const EVERY = ['any'];

const filled = (value, payload) => {
    const name = String(value).replace(/^\$|\$$/g, '');
    return payload && Object.prototype.hasOwnProperty.call(payload, name) ? payload[name] : value;
};

// What a token is called, and no value: the click had none of this name, so that it stands there as it was written.
const NAME = /^\$?row\..+\.value(\|\w)*\$?$|^\$[\w.]+(\|\w)*\$$/;

/** Each token of an address that the click did not fill, one line each. */
export const unfilled = (url) =>
    [...new URL(url, 'http://localhost').searchParams]
        .filter(([, value]) => NAME.test(value))
        .map(([name, value]) => `link: ${name} is ${value}, which the click did not give`);

const linkTo = (url, newTab) => Promise.resolve([{ type: 'linkTo', payload: { url, newTab: !!newTab } }]);

/** A click on any column follows it: Splunk documents `fields` for other handlers alone (see OF_COLUMNS). */
class LinkHandler {
    constructor(options = {}) {
        this.options = options;
    }

    canHandle = (event) => {
        const { events = EVERY } = this.options;
        return event.type.endsWith('.click') && (events.includes('any') || events.includes(event.type));
    };
}

export class LinkToDashboard extends LinkHandler {
    handle = (event) => {
        const { app = 'search', dashboard, tokens = [], newTab } = this.options;
        const query = new URLSearchParams();
        tokens.forEach(({ token, value }) => query.append(`form.${token}`, filled(value, event.payload)));
        return linkTo(`/app/${app}/${dashboard}${tokens.length ? `?${query}` : ''}`, newTab);
    };
}

export class LinkToSearch extends LinkHandler {
    handle = () => {
        const { query = '', queryParameters = {}, newTab } = this.options;
        const { earliest, latest } = queryParameters;
        const given = Object.entries({ q: query, earliest, latest }).filter(([, value]) => value);
        return linkTo(`/app/search/search?${new URLSearchParams(given)}`, newTab);
    };
}

// What "Configure field-level drilldowns in a table" names, Splunk Enterprise 10.0, beside switchToTab, which is newer
// than 9.3. For 9.3 and 9.4 [unverified].
const OF_COLUMNS = ['drilldown.customUrl', 'drilldown.setToken'];

/** Each handler of a definition that names columns which Splunk may not heed, one line each. */
export const heedless = ({ visualizations = {} } = {}) =>
    Object.entries(visualizations).flatMap(([id, { eventHandlers = [] }]) =>
        eventHandlers
            .filter(({ type, options }) => options?.fields && !OF_COLUMNS.includes(type))
            .map(({ type }) => `panel ${id}: ${type} takes no fields: Splunk may follow a click on any column`)
    );
