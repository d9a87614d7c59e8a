// The section Searches: in the order in which they are enabled, and which of them run.

import { button, el, sure } from './dom.js';
import { post, webAddress } from './rest.js';

const APP = 'delegation_watch';
const onesOn = (searches) => searches.filter((each) => each.on);
const counted = (searches) => `${onesOn(searches).length} of ${searches.length} on`;

// For the progress: what every site needs, and the detections, of which a site chooses.
export function searchesDone(groups) {
    const needed = groups.filter((each) => each.needed).flatMap((each) => each.searches);
    const rules = groups.filter((each) => each.key === 'rules').flatMap((each) => each.searches);
    return [
        ['Searches', needed.every((each) => each.on), counted(needed)],
        ['Detections', onesOn(rules).length > 0, counted(rules)],
    ];
}

// What is to be said where somebody finishes while nothing would run.
export function searchesOff(groups) {
    return searchesDone(groups)
        .filter(([, done]) => !done)
        .map(
            ([name, , count]) =>
                `${name}: ${count}. Until they are enabled on the search head, in the section Searches, not all is found.`,
        );
}

// Splunk's own page of searches, narrowed to one of them, as Splunk's own apps link to it; [unverified] in each version.
function managed(name) {
    const query = new URLSearchParams({ app: APP, count: 10, offset: 0, itemType: '', owner: '', search: `"${name}"` });
    return webAddress(`manager/${APP}/saved/searches?${query}`);
}

function line({ name, on, for: what }) {
    return el(
        'li',
        { className: on ? 'dw-works' : '' },
        el('strong', {}, `${on ? 'On' : 'Off'}: `),
        el('a', { href: managed(name), target: '_blank', rel: 'noopener' }, name),
        what ? el('p', {}, `${what}.`) : '',
    );
}

function card(group, changed) {
    const off = group.searches.length - onesOn(group.searches).length;
    const named = off === 1 ? '1 search' : `${off} searches`;
    const enable = button(
        `Enable ${named}`,
        async () =>
            sure(
                `Enable ${named}: ${group.title}? They run on this host from now on; do it on the search head only.`,
                `Enable ${named}`,
                async () => {
                    await post(`setup/searches/${group.key}/enable`);
                    return () => changed(`${group.title}: ${named} enabled.`);
                },
            ),
        { 'aria-label': `Enable ${named}: ${group.title}` },
    );
    return el(
        'li',
        { className: 'dw-card', 'data-searches': group.key },
        el('h3', {}, `${group.title}: ${counted(group.searches)}`),
        el('p', { className: 'dw-help' }, group.why),
        el(
            'details',
            {},
            el('summary', {}, 'What each is for'),
            el('ul', { className: 'dw-findings' }, ...group.searches.map(line)),
        ),
        off ? el('div', { className: 'dw-buttons' }, enable) : '',
    );
}

// The section of the page. `draw` leaves a card whose searches are as they were, and so what of it is open.
export function searchesSection(changed) {
    const list = el('ul', { className: 'dw-cards' });
    const cards = new Map();
    const draw = ({ searches }) => {
        const drawn = searches.map((group) => {
            const as = JSON.stringify(group);
            const before = cards.get(group.key);
            if (!before || before.as !== as) cards.set(group.key, { as, element: card(group, changed) });
            return cards.get(group.key).element;
        });
        if (drawn.some((each, at) => list.children[at] !== each)) list.replaceChildren(...drawn);
    };
    const backfills = el(
        'p',
        {},
        'They take what is indexed from then on. For what is there already, run by hand, before the detections: ',
        el('a', { href: webAddress(`app/${APP}/reports`), target: '_blank', rel: 'noopener' }, 'Reports'),
        ', Backfill identities, Backfill accounts, Backfill grants, in this order; half an hour later Backfill replaced ' +
            'delegates.',
    );
    return { parts: [backfills, list], draw };
}
