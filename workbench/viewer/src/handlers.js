// Event handlers that Splunk Web has and its packages lack, after their documented options. They fill click tokens in
// from the event's payload and emit the framework's own "linkTo" action, which the page records and follows.

const EVERY = ['any'];

const filled = (value, payload) => {
    const name = String(value).replace(/^\$|\$$/g, '');
    return payload && Object.prototype.hasOwnProperty.call(payload, name) ? payload[name] : value;
};

const linkTo = (url, newTab) => Promise.resolve([{ type: 'linkTo', payload: { url, newTab: !!newTab } }]);

class LinkHandler {
    constructor(options = {}) {
        this.options = options;
    }

    canHandle = (event) => {
        const { events = EVERY, fields = EVERY } = this.options;
        const takes = (wanted, given) => wanted.includes('any') || wanted.includes(given);
        return event.type.endsWith('.click') && takes(events, event.type) && takes(fields, event.payload?.name);
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
