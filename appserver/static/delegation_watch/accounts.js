// The section Accounts. A secret is sent once and never comes back.

import { button, choice, el, field, form, instead, show, sure, text } from './dom.js';
import { part, post } from './rest.js';
import { trials } from './trials.js';

const PROVIDERS = [
    ['o365', 'Office 365'],
    ['workspace', 'Google Workspace'],
];
const CLOUDS = [
    ['commercial', 'Commercial'],
    ['gcc', 'GCC'],
    ['gcchigh', 'GCC High'],
    ['dod', 'DoD'],
    ['custom', 'Custom addresses'],
];
const SECRET = {
    stored: 'stored',
    missing: 'missing',
    incomplete: 'cannot be used: incomplete, or for other addresses; enter it again',
};

// Files are read here and sent as text; a private key and its certificate may be two files.
const filesOf = async (control) => (await Promise.all([...control.files].map((file) => file.text()))).join('\n');
const files = (accept) => el('input', { type: 'file', multiple: true, accept });
const hidden = () => el('input', { type: 'password', autocomplete: 'new-password', spellcheck: false });

// Of an account whose stanza names no service that is known, nothing is chosen: a guess would be saved unseen.
function services(account, isNew) {
    if (isNew) return choice(PROVIDERS, 'o365');
    const known = PROVIDERS.some(([key]) => key === account.provider);
    return known ? choice(PROVIDERS, account.provider) : choice([['', 'Choose …'], ...PROVIDERS], '');
}

function fieldsOf(account, isNew) {
    const one = (name, label, help, props) => field(name, label, text(account[name] || '', props), help);
    const stays = isNew ? '' : ' Leave it empty to keep what is stored.';
    return {
        name: field(
            'name',
            'Name',
            text(account.name || '', { readOnly: !isNew }),
            'Letters, digits, dots, dashes; how inputs call this account',
        ),
        provider: field('provider', 'Service', services(account, isNew)),
        cloud: field(
            'cloud',
            'Cloud',
            choice(CLOUDS, account.cloud || 'commercial'),
            'Custom addresses are for proxies and tests',
        ),
        tenant: one('tenant', 'Directory (tenant) ID', 'The GUID, from the overview of Microsoft Entra ID'),
        client_id: one('client_id', 'Application (client) ID', 'Of an application that only reads'),
        secret: field('secret', 'Client secret', hidden(), `The secret’s value, not its ID.${stays}`),
        certificate: field(
            'certificate',
            'Certificate instead of a secret',
            files('.pem,.key,.crt,.cer'),
            'PEM: the private key, not encrypted, and its certificate, in one file or two',
        ),
        subject: one('subject', 'Administrator', 'In whose name the service account reads'),
        customer: one('customer', 'Customer ID', 'C…; only if you serve several'),
        key_file: field(
            'key_file',
            'Service account’s key file',
            files('.json'),
            `The JSON file from Google Cloud.${stays}`,
        ),
        authority: one('authority', 'Sign-in address', 'https://login.microsoftonline.com'),
        api_root: one(
            'api_root',
            'Address of the feed',
            'https://manage.office.com, or https://admin.googleapis.com',
        ),
        graph_root: one('graph_root', 'Address of Microsoft Graph', 'https://graph.microsoft.com'),
        exchange_root: one('exchange_root', 'Address of Exchange Online', 'https://outlook.office365.com'),
        ca_file: one(
            'ca_file',
            'Certificates to trust',
            'A file (PEM) on this host, in place of those that come with the app: behind a proxy that inspects TLS',
        ),
        write_client_id: one(
            'write_client_id',
            'Application (client) ID that may take delegations back',
            'Another application than the one above; leave it empty if the app shall only prepare commands',
        ),
        write_secret: field('write_secret', 'Its client secret', hidden(), `Only on the search head.${stays}`),
        write_subject: one(
            'write_subject',
            'Administrator for taking delegations back',
            'Leave it empty to use the one above',
        ),
        write_key_file: field(
            'write_key_file',
            'Key file of the service account that may take delegations back',
            files('.json'),
            `Another service account than the one above, only on the search head.${stays}`,
        ),
    };
}

// The least that each service asks for; docs/collecting.md says it in full.
const NEEDS = {
    o365: [
        ['Audit feed', 'Office 365 Management APIs: ActivityFeed.Read; for DLP.All also ActivityFeed.ReadDlp'],
        ['Backfill', 'Microsoft Graph: AuditLogsQuery-Exchange.Read.All, AuditLogsQuery-Entra.Read.All'],
        [
            'Inventory',
            'Office 365 Exchange Online: Exchange.ManageAsApp with the role Global Reader; ' +
                'Microsoft Graph: User.Read.All, GroupMember.Read.All, RoleManagement.Read.Directory, and ' +
                'Directory.Read.All for applications that reach mail (app_mail)',
        ],
    ],
    workspace: [
        ['Audit feed', 'Scope admin.reports.audit.readonly; the administrator with the privilege Reports'],
        [
            'Inventory',
            'Scopes admin.directory.user.readonly, gmail.settings.basic, admin.directory.group.readonly, ' +
                'admin.directory.rolemanagement.readonly',
        ],
    ],
};

const NEEDS_HEAD = {
    o365: 'Application permissions with admin consent, no more than these:',
    workspace: 'Domain-wide delegation with exactly these scopes:',
};

const needs = (provider) =>
    el(
        'div',
        { className: 'dw-help' },
        el('p', {}, NEEDS_HEAD[provider] || 'Choose the service first.'),
        el(
            'ul',
            {},
            ...(NEEDS[provider] || []).map(([use, text]) => el('li', {}, el('strong', {}, `${use}: `), text)),
        ),
    );

const OWN = {
    o365: ['tenant', 'client_id', 'secret', 'certificate', 'write_client_id', 'write_secret'],
    workspace: ['subject', 'customer', 'key_file', 'write_subject', 'write_key_file'],
};
const CUSTOM = { o365: ['authority', 'api_root', 'graph_root', 'exchange_root'], workspace: ['api_root'] };

function fit(fields, told) {
    const provider = fields.provider.control.value;
    const custom = (fields.cloud.control.value === 'custom' && CUSTOM[provider]) || [];
    const wanted = ['name', 'provider', 'cloud', 'ca_file', ...(OWN[provider] || []), ...custom];
    Object.entries(fields).forEach(([name, each]) => {
        each.hidden = !wanted.includes(name);
    });
    told.replaceChildren(needs(provider));
}

// What is sent: file inputs become the secrets they stand for, and an empty secret is not sent at all.
async function values(fields, given) {
    const sent = { ...given };
    const bring = { certificate: 'secret', key_file: 'secret', write_key_file: 'write_secret' };
    await Promise.all(
        Object.entries(bring).map(async ([from, to]) => {
            delete sent[from];
            const control = fields[from].control;
            if (!fields[from].hidden && control.files.length) sent[to] = await filesOf(control);
        }),
    );
    ['secret', 'write_secret'].forEach((name) => {
        if (!sent[name]) delete sent[name];
    });
    delete sent.name;
    return sent;
}

export function accountForm(account, isNew, saved, cancel) {
    const fields = fieldsOf(account, isNew);
    const told = el('details', {});
    const list = el('div', {});
    told.append(el('summary', {}, 'What it needs to be allowed'), list);
    fit(fields, list);
    ['provider', 'cloud'].forEach((name) => fields[name].control.addEventListener('change', () => fit(fields, list)));
    const submit = async (given) => {
        const sent = await values(fields, given);
        await saved(await post(`setup/accounts/${part(given.name.trim())}`, { ...sent, new: isNew ? 'yes' : 'no' }));
    };
    const heading = el('h3', {}, isNew ? 'New account' : `Account ${account.name}`);
    return el(
        'div',
        { className: 'dw-card' },
        heading,
        told,
        form(Object.values(fields), 'Save account', submit, cancel),
    );
}

function facts(account) {
    const pairs = [
        ['Service', (PROVIDERS.find(([key]) => key === account.provider) || ['', account.provider])[1]],
        ['Tenant', account.tenant || account.customer || account.subject],
        ['Application', account.client_id],
        ['Secret', SECRET[account.secret]],
        [
            'Write credential',
            account.write_secret === 'missing'
                ? 'none: delegations are not taken back'
                : SECRET[account.write_secret],
        ],
    ];
    return el(
        'dl',
        {},
        ...pairs.filter(([, value]) => value).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]),
    );
}

function card(account, open, remove) {
    return el(
        'li',
        { className: 'dw-card', 'data-account': account.name },
        el('h3', {}, account.name),
        facts(account),
        trials(account),
        el(
            'div',
            { className: 'dw-buttons' },
            button('Change', async () => open(account, false), { 'aria-label': `Change account ${account.name}` }),
            button('Remove', async () => remove(account.name), { 'aria-label': `Remove account ${account.name}` }),
        ),
    );
}

// The section of the page; `changed(text, …warnings)` is called when something was saved. `draw` leaves a form that is
// open as it is, and so a card whose account is as it was, with what its tests have found.
export function accountsSection(changed) {
    const list = el('div', {});
    const place = el('div', {});
    const cards = new Map();
    const saved = (told) => {
        const name = told.account.name;
        const moved = `Account ${name} has other addresses now, so its stored secrets were removed. Enter them again.`;
        place.replaceChildren();
        cards.delete(name);
        return changed(
            `Account ${name} is saved. Now test it.`,
            ...(told.voided && told.account.secret !== 'stored' ? [moved] : []),
        );
    };
    const open = (account, isNew) =>
        instead(place, () => {
            changed.clear();
            const cancel = () => {
                place.replaceChildren();
                add.focus();
            };
            show(place, accountForm(account, isNew, saved, cancel));
            place.dataset.of = isNew ? '' : account.name;
        });
    const remove = (name) =>
        sure(`Remove account ${name} and its secrets?`, 'Remove account', async () => {
            await post(`setup/accounts/${part(name)}/remove`);
            if (place.dataset.of === name) place.replaceChildren();
            return () => changed(`Account ${name} is removed.`);
        });
    const add = button('Add an account', async () => open({}, true));
    const kept = (account) => {
        const as = JSON.stringify(account);
        const before = cards.get(account.name);
        if (!before || before.as !== as) cards.set(account.name, { as, element: card(account, open, remove) });
        return cards.get(account.name).element;
    };
    const draw = ({ accounts }) => {
        add.className = accounts.length ? 'btn' : 'btn btn-primary';
        list.replaceChildren(
            accounts.length
                ? el('ul', { className: 'dw-cards' }, ...accounts.map(kept))
                : el(
                      'p',
                      { className: 'dw-empty' },
                      'There is no account yet. Register an application that may read, then add it here.',
                  ),
        );
    };
    return { parts: [list, el('div', { className: 'dw-buttons' }, add), place], draw };
}
