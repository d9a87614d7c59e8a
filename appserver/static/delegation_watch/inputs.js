// Step 3: the inputs, and how they do by what their own runs have written.

import { button, choice, el, field, form, show, sure, table, text, when } from './dom.js';
import { part, post } from './rest.js';

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

function fieldsOf(input, state, isNew) {
    const one = (name, label, help, props) => field(name, label, text(input[name] || '', props), help);
    const accounts = state.accounts.map((each) => [each.name, each.name]);
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

function fit(fields, state) {
    const account = state.accounts.find((each) => each.name === fields.account.control.value);
    const office = !account || account.provider === 'o365';
    const wanted = OF_KIND[fields.kind.control.value];
    [...OF_KIND.delegation_audit, ...OF_KIND.delegation_inventory].forEach((name) => {
        fields[name].hidden = !wanted.includes(name) || (!office && ONLY_OFFICE.includes(name));
    });
}

function inputForm(input, state, isNew, changed, cancel) {
    const fields = fieldsOf(input, state, isNew);
    fit(fields, state);
    ['kind', 'account'].forEach((name) => fields[name].control.addEventListener('change', () => fit(fields, state)));
    const submit = async ({ kind, name, ...given }) => {
        const account = state.accounts.find((each) => each.name === given.account);
        const sent = { ...given, provider: account ? account.provider : '', new: isNew ? 'yes' : 'no' };
        const told = await post(`setup/inputs/${kind}/${part(name.trim())}`, sent);
        await changed(
            `Input ${told.input.name} is saved${told.input.enabled ? ' and runs' : ''}. Its results show in minutes.`,
            ...told.warnings,
        );
    };
    const heading = el('h3', {}, isNew ? 'New input' : `Input ${input.name}`);
    const made = form(Object.values(fields), 'Save input', submit, cancel);
    made.prepend(
        el('p', { className: 'dw-help' }, 'It is tried before it is saved: this takes up to half a minute.'),
    );
    return el('div', { className: 'dw-card' }, heading, made);
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
    const path = `setup/inputs/${input.kind}/${part(input.name)}`;
    const toggle = button(
        input.enabled ? 'Switch off' : 'Switch on',
        async () => {
            try {
                await post(path, { enabled: input.enabled ? 'no' : 'yes' });
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
                        await post(`${path}/remove`);
                        await changed(`Input ${input.name} is removed.`);
                    }),
                { 'aria-label': `Remove input ${input.name}` },
            ),
        ),
    );
}

const HEADS = ['Name', 'Kind', 'Account', 'Index', 'State', 'How it does', 'Actions'];

export function inputsSection(state, feeds, changed) {
    const place = el('div', {});
    const open = (input, isNew) => {
        changed.clear();
        show(
            place,
            inputForm(input, state, isNew, changed, () => {
                place.replaceChildren();
                add.focus();
            }),
        );
    };
    const ready = state.accounts.length > 0;
    const add = button('Add an input', async () => (ready ? open({}, true) : changed.fail('Add an account first.')), {
        kind: ready && !state.inputs.length ? 'btn btn-primary' : 'btn',
    });
    const rows = state.inputs.map((each) => row(each, state, feeds, open, changed));
    return [
        table(
            'Inputs',
            HEADS,
            rows,
            'There is no input yet. The audit feed tells what is done, the inventory what stands; take both.',
        ),
        el('div', { className: 'dw-buttons' }, add),
        place,
    ];
}
