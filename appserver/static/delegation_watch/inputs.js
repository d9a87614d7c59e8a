// The section Inputs, and how they do by what their own runs have written.

import { button, choice, el, field, form, instead, messages, show, sure, table, text, when } from './dom.js';
import { Refused, part, post } from './rest.js';

const KINDS = [
    ['delegation_audit', 'Audit feed: what is done'],
    ['delegation_inventory', 'Inventory: what stands'],
];
const LABELS = { delegation_audit: 'Audit feed', delegation_inventory: 'Inventory' };
const OF_KIND = {
    delegation_audit: ['content_types', 'start', 'backfill'],
    delegation_inventory: ['kinds', 'folders', 'mailboxes', 'directory'],
};
const ONLY_OFFICE = ['backfill', 'kinds', 'folders'];

const namesOf = (state) => state.accounts.map((each) => [each.name, each.name]);

function fieldsOf(input, state, isNew) {
    const one = (name, label, help, props) => field(name, label, text(input[name] || '', props), help);
    const accounts = namesOf(state);
    const indexes = el(
        'datalist',
        { id: 'dw-indexes' },
        ...state.indexes.map((name) => el('option', { value: name })),
    );
    const index = one('index', 'Index', 'Where the records go; it must exist', {
        value: input.index || (isNew ? 'main' : ''),
    });
    index.control.setAttribute('list', 'dw-indexes');
    index.append(indexes);
    return {
        kind: field(
            'kind',
            'Kind',
            choice(isNew ? KINDS : KINDS.filter(([key]) => key === input.kind), input.kind || 'delegation_audit'),
        ),
        name: field('name', 'Name', text(input.name || '', { readOnly: !isNew })),
        account: field('account', 'Account', choice(accounts, input.account || (accounts[0] || [''])[0])),
        index,
        content_types: one(
            'content_types',
            'Content',
            'Empty for what matters: Audit.Exchange, Audit.AzureActiveDirectory; of Workspace admin, login, token',
        ),
        start: one('start', 'First run reads back', 'Empty for -7d; Office 365 keeps seven days, Workspace 180'),
        backfill: one('backfill', 'Backfill', 'How far back to read once what is older, as -180d; empty for nothing'),
        kinds: one(
            'kinds',
            'Kinds of delegations',
            'Empty for all: full_access, send_as, send_on_behalf, folders, forwarding, app_mail',
        ),
        folders: one('folders', 'Folders', 'Empty for root, inbox, calendar, sent'),
        mailboxes: one('mailboxes', 'Mailboxes', 'Addresses, for a first try; empty for all'),
        directory: field(
            'directory',
            'Users, groups and roles',
            choice(
                [
                    ['yes', 'Read them too'],
                    ['no', 'Leave them out'],
                ],
                /^(no|0|false)$/.test(input.directory) ? 'no' : 'yes',
            ),
        ),
        interval: one('interval', 'Every', 'Seconds between two runs; empty for the default'),
    };
}

// Whose feeds an input reads: its account says so or, where that is not stored there, the input itself.
function providerOf(name, input, state) {
    const account = state.accounts.find((each) => each.name === name);
    return (account && account.provider) || input.provider;
}

function fit(fields, input, state) {
    const office = providerOf(fields.account.control.value, input, state) !== 'workspace';
    const wanted = OF_KIND[fields.kind.control.value];
    [...OF_KIND.delegation_audit, ...OF_KIND.delegation_inventory].forEach((name) => {
        fields[name].hidden = !wanted.includes(name) || (!office && ONLY_OFFICE.includes(name));
    });
}

// The accounts that there are now, in a form that is open; what is chosen stays.
function offer(control, state) {
    const chosen = control.value;
    const names = namesOf(state);
    control.replaceChildren(...choice(names, chosen).children);
    control.value = names.some(([name]) => name === chosen) ? chosen : (names[0] || [''])[0];
}

function inputForm(input, state, isNew, changed, cancel) {
    const fields = fieldsOf(input, state, isNew);
    const fitted = () => fit(fields, input, state);
    fitted();
    ['kind', 'account'].forEach((name) => fields[name].control.addEventListener('change', fitted));
    const submit = async ({ kind, name, ...given }) => {
        const provider = providerOf(given.account, input, state);
        if (!provider) {
            const first = `Choose the service of account ${given.account} first: Change, in the section Accounts.`;
            throw new Refused(first, 400, 'account');
        }
        // What only the provider before had would refuse the new one from a field that nobody sees.
        const left = isNew || provider === input.provider ? [] : OF_KIND[kind].filter((key) => fields[key].hidden);
        const emptied = Object.fromEntries(left.map((key) => [key, '']));
        const sent = { ...emptied, ...given, provider, new: isNew ? 'yes' : 'no' };
        const told = await post(`setup/inputs/${kind}/${part(name.trim())}`, sent);
        card.remove();
        await changed(
            `Input ${told.input.name} is saved${told.input.enabled ? ' and runs' : ''}. Its results show in minutes.`,
            ...told.warnings,
        );
    };
    const heading = el('h3', {}, isNew ? 'New input' : `Input ${input.name}`);
    const made = form(Object.values(fields), 'Save input', submit, cancel);
    made.prepend(
        el('p', { className: 'dw-help' }, 'It is tried before it is saved: this takes some seconds, 20 at most.'),
    );
    const card = el('div', { className: 'dw-card' }, heading, made);
    card.refresh = () => {
        offer(fields.account.control, state);
        fitted();
    };
    return card;
}

// How the feeds of an input do, in words.
function health(input, feeds) {
    const own = feeds.filter((each) => each.input === `${input.kind}://${input.name}`);
    if (!own.length)
        return el('span', {}, input.enabled ? 'No run has been seen yet' : 'Off, and no run has been seen');
    return el(
        'ul',
        { className: 'dw-feeds' },
        ...own.map((each) =>
            el(
                'li',
                { className: each.status === 'failed' ? 'dw-fails' : '' },
                el('strong', {}, `${each.feed}: `),
                each.last_success ? `last success ${when(each.last_success)}` : 'no success yet',
                each.status === 'failed' || each.status === 'partial'
                    ? el('p', {}, each.problem || 'The log has more.')
                    : '',
            ),
        ),
    );
}

function row(input, state, feeds, open, changed) {
    const path = () => `setup/inputs/${input.kind}/${part(input.name)}`;
    const toggle = button(
        input.enabled ? 'Switch off' : 'Switch on',
        async () => {
            try {
                await post(path(), { enabled: input.enabled ? 'no' : 'yes' });
                await changed(`Input ${input.name} is switched ${input.enabled ? 'off' : 'on'}.`);
            } catch (error) {
                changed.fail(error.message);
            }
        },
        { 'aria-label': `Switch ${input.enabled ? 'off' : 'on'} input ${input.name}` },
    );
    return el(
        'tr',
        { 'data-input': `${input.kind}://${input.name}` },
        el('th', { scope: 'row' }, input.name),
        el('td', {}, LABELS[input.kind]),
        el('td', {}, input.account),
        el('td', {}, input.index || 'default'),
        el('td', {}, input.enabled ? 'On' : 'Off'),
        el('td', {}, health(input, feeds)),
        el(
            'td',
            { className: 'dw-buttons' },
            button('Change', async () => open(input, false), { 'aria-label': `Change input ${input.name}` }),
            toggle,
            button(
                'Remove',
                async () =>
                    sure(`Remove input ${input.name}? What it collected stays.`, 'Remove input', async () => {
                        await post(`${path()}/remove`);
                        return () => changed(`Input ${input.name} is removed.`);
                    }),
                { 'aria-label': `Remove input ${input.name}` },
            ),
        ),
    );
}

const HEADS = ['Name', 'Kind', 'Account', 'Index', 'State', 'How it does', 'Actions'];

// The section of the page. `draw` leaves a form that is open as it is, but for the accounts that it offers, and the focus
// where it was; `trouble` says once why it is not known how the inputs do.
export function inputsSection(changed) {
    const state = { accounts: [], inputs: [], indexes: [] };
    const list = el('div', {});
    const place = el('div', {});
    const said = messages();
    const open = (input, isNew) =>
        instead(place, () => {
            changed.clear();
            const cancel = () => {
                place.replaceChildren();
                add.focus();
            };
            show(place, inputForm(input, state, isNew, changed, cancel));
        });
    const add = button('Add an input', async () =>
        state.accounts.length ? open({}, true) : changed.fail('Add an account first.'),
    );
    const draw = (now, feeds) => {
        const as = JSON.stringify([now.inputs, feeds]);
        Object.assign(state, now);
        add.className = state.accounts.length && !state.inputs.length ? 'btn btn-primary' : 'btn';
        [...place.children].forEach((card) => card.refresh());
        if (list.dataset.as === as) return;
        list.dataset.as = as;
        const active = list.contains(document.activeElement) && document.activeElement.getAttribute('aria-label');
        list.replaceChildren(
            table(
                'Inputs',
                HEADS,
                state.inputs.map((each) => row(each, state, feeds, open, changed)),
                'There is no input yet. The audit feed tells what is done, the inventory what stands; take both.',
            ),
        );
        const named = [...list.querySelectorAll('[aria-label]')];
        const same = active && named.find((each) => each.getAttribute('aria-label') === active);
        if (same) same.focus();
    };
    const trouble = (text) => {
        if (!text) said.clear();
        else if (said.textContent !== text) said.fail(text);
    };
    return { parts: [list, el('div', { className: 'dw-buttons' }, add), place, said], draw, trouble };
}
