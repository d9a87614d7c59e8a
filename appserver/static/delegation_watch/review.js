// The review page: standing delegations, the most dangerous first, and who answers for each until when.

import { button, choice, el, field, form, instead, messages, show, sure, table, text } from './dom.js';
import { approval, done as doneRow, how, inEveryTenant, label, party, risk } from './delegations.js';
import { get, part, post } from './rest.js';

const COUNT = 50;
const APPROVAL = [
    ['any', 'All'],
    ['none', 'Without an approval'],
    ['current', 'With a current one'],
    ['ended', 'With one that has ended'],
];
const PROVIDER = [
    ['', 'All'],
    ['exchange_online', 'Exchange Online'],
    ['exchange_server', 'Exchange Server'],
    ['workspace', 'Google Workspace'],
];
const DAYS = 90;
// What was just done is in the index some seconds later: milliseconds until it is looked for, and again.
const INDEXED = [0, 3000, 10000];
const plusDays = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86400000).toISOString().slice(0, 10);

function approvalForm(one, today, done, cancel) {
    const held = one.approval && one.approval.key ? one.approval : null;
    const reason = field(
        'note',
        'Reason',
        text(held ? held.note : '', { maxLength: 1000 }),
        'What it is for; a ticket, if there is one',
    );
    const owner = field(
        'owner',
        'Owner',
        text(held ? held.owner : '', { maxLength: 256 }),
        'Who answers for it: a person, by name or address',
    );
    const expires = field(
        'expires',
        'Last day',
        el('input', {
            type: 'date',
            min: today,
            value: held && held.expires >= today ? held.expires : plusDays(today, DAYS),
        }),
        'After it the delegation scores as before',
    );
    const covers = [
        one.right === 'folder' && 'It covers every folder of this mailbox that this delegate may open.',
        inEveryTenant(one) && 'It holds in every tenant.',
    ];
    const made = form(
        [owner, reason, expires],
        held ? 'Change approval' : 'Approve',
        async (given) => {
            const parties = { mailbox: one.mailbox_key, grantee: one.grantee_key, right: one.right };
            const told = await post('review/approvals', { ...parties, ...given, entered: held ? held.entered : '' });
            const flagged = `You are ${told.party}: that is shown with the approval, and in what was done.`;
            await done(`${label(one)} is approved until ${told.approval.expires}.`, ...(told.party ? [flagged] : []));
        },
        cancel,
    );
    return el(
        'div',
        { className: 'dw-card' },
        el('h3', {}, `${held ? 'Change the approval of' : 'Approve'} ${label(one)}`),
        el('p', { className: 'dw-help' }, covers.filter(Boolean).join(' ')),
        made,
    );
}

export async function start(root) {
    const said = messages();
    const list = el('div', { 'aria-live': 'off' });
    const place = el('div', {});
    const past = el('div', {});
    const counted = el('p', { role: 'status' });
    const asked = { offset: 0 };
    const params = new URLSearchParams(window.location.search);
    const search = field(
        'search',
        'Mailbox, delegate or right',
        text(params.get('search') || params.get('form.search') || ''),
    );
    const state = field('approval', 'Approval', choice(APPROVAL, 'any'));
    const provider = field('provider', 'Service', choice(PROVIDER, ''));

    const load = async () => {
        const query = {
            search: search.control.value.trim(),
            approval: state.control.value,
            provider: provider.control.value,
            offset: asked.offset,
            count: COUNT,
        };
        try {
            const told = await get('review', query);
            // The last one of the last page was approved, so that the page is no more: the one before it is the last now.
            if (!told.delegations.length && told.total && asked.offset) {
                asked.offset = COUNT * Math.floor((told.total - 1) / COUNT);
                return await load();
            }
            draw(told);
            return true;
        } catch (error) {
            said.fail(error.message);
            return false;
        }
    };
    let latest;
    const look = async () => {
        try {
            const told = await get('review/history');
            latest = JSON.stringify(told.history[0]);
            past.replaceChildren(
                table(
                    'What was done to approvals in the last 90 days',
                    ['When', 'Reviewer', 'What', 'Delegation', 'Reason'],
                    told.history.map(doneRow),
                    'Nothing was done to approvals in 90 days, or your role may not search the summary index.',
                ),
            );
        } catch (error) {
            past.replaceChildren(el('p', { className: 'dw-empty' }, error.message));
        }
    };
    const lookForNews = async () => {
        const before = latest;
        for (const wait of INDEXED) {
            await new Promise((go) => setTimeout(go, wait));
            await look();
            if (latest !== before) return;
        }
    };
    // `about` is the delegation that something was done to; what somebody writes of another one stays.
    const done = (about) => async (line, ...warnings) => {
        if (place.dataset.of === about.grant_key) place.replaceChildren();
        if (await load()) said.say(line);
        else said.warn(line);
        said.warn(...warnings);
        said.take();
        lookForNews();
    };
    const row = (one, today) => {
        const held = one.approval && one.approval.key ? one.approval : null;
        const named = one.mailbox_key && one.grantee_key;
        const actions = [
            named
                ? button(
                      held ? 'Change' : 'Approve',
                      async () => {
                          const opener = document.activeElement;
                          const cancel = () => {
                              place.replaceChildren();
                              opener.focus();
                          };
                          instead(place, () => {
                              show(place, approvalForm(one, today, done(one), cancel));
                              place.dataset.of = one.grant_key;
                              place.scrollIntoView({ block: 'nearest' });
                          });
                      },
                      { 'aria-label': `${held ? 'Change the approval of' : 'Approve'} ${label(one)}` },
                  )
                : el('span', { className: 'dw-help' }, 'Not before both parties are known'),
        ];
        if (held) {
            actions.push(
                button(
                    'Withdraw',
                    async () =>
                        sure(
                            `Withdraw the approval of ${label(one)}? It scores as before from the next search on.`,
                            'Withdraw approval',
                            async (reason) => {
                                const given = { entered: held.entered, reason };
                                await post(`review/approvals/${part(held.key)}/withdraw`, given);
                                return () => done(one)(`The approval of ${label(one)} is withdrawn.`);
                            },
                            field('reason', 'Why', text('', { maxLength: 1000 }), 'Kept with what was done'),
                        ),
                    { 'aria-label': `Withdraw the approval of ${label(one)}` },
                ),
            );
        }
        return el(
            'tr',
            { 'data-grant': one.grant_key },
            risk(one),
            party(one, 'mailbox'),
            party(one, 'grantee'),
            how(one),
            el('td', { className: 'dw-approval' }, ...approval(one)),
            el('td', { className: 'dw-buttons' }, ...actions),
        );
    };
    const draw = (told) => {
        const last = Math.min(told.offset + COUNT, told.total);
        counted.textContent = told.total
            ? `${told.offset + 1} to ${last} of ${told.total}${told.more ? ' or more' : ''} standing delegations.`
            : '';
        list.replaceChildren(
            table(
                'Standing delegations',
                ['Risk', 'Mailbox', 'Delegate', 'Right', 'Approval', 'Actions'],
                told.delegations.map((one) => row(one, told.today)),
                'No standing delegation fits. The state is kept by searches that docs/state.md names: enable them, ' +
                    'and widen the filters.',
            ),
        );
        const move = (by) => async () => {
            asked.offset = Math.max(0, asked.offset + by);
            await load();
            counted.scrollIntoView({ block: 'nearest' });
        };
        const pages = [
            told.offset > 0 ? button('Previous', move(-COUNT)) : '',
            last < told.total ? button('Next', move(COUNT)) : '',
        ];
        list.append(el('div', { className: 'dw-buttons' }, ...pages));
    };
    const filters = el('form', { className: 'dw-filters', role: 'search' }, search, state, provider);
    const go = button(
        'Show',
        async () => {
            asked.offset = 0;
            said.clear();
            await load();
        },
        { kind: 'btn btn-primary', type: 'submit', working: 'Looking …' },
    );
    filters.append(go);
    filters.addEventListener('submit', (event) => {
        event.preventDefault();
        go.run();
    });
    root.replaceChildren(
        el(
            'p',
            { className: 'dw-why' },
            'Approve what somebody answers for, with a reason and a last day. An approved delegation scores low until ' +
                'then; nothing is taken back here.',
        ),
        filters,
        said,
        counted,
        place,
        list,
        el(
            'section',
            { className: 'dw-step', 'aria-labelledby': 'dw-past' },
            el('h2', { id: 'dw-past' }, 'What was done'),
            past,
        ),
    );
    if (await load()) await look();
}
