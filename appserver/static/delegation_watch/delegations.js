// A standing delegation in words: how dangerous, whose mailbox, who gets in, how that is known, who answers for it.

import { el, when } from './dom.js';

// A name within a sentence: signs that turn the direction of text could make it say something else.
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const inside = (name) => `${name ?? ''}`.replace(TURNS, '\ufffd');

const RIGHTS = {
    full_access: 'opens the whole mailbox',
    send_as: 'sends as the mailbox',
    send_on_behalf: 'sends on its behalf',
    gmail_delegate: 'reads and sends as a Gmail delegate',
    folder: 'opens a folder',
};

function facts(known = {}) {
    const kinds = {
        user: 'user',
        group: 'group',
        external: 'outside the organisation',
        guest: 'guest',
        application: 'application',
    };
    const said = [
        known.display_name,
        kinds[known.kind] || known.kind,
        known.mailbox_kind && `${known.mailbox_kind} mailbox`,
        known.department,
        known.manager && `manager ${known.manager}`,
        known.privileged === 'true' && 'privileged',
        known.enabled === 'false' && 'account disabled',
        known.deleted === 'true' && 'account deleted',
    ];
    const told = inside(said.filter(Boolean).join(', '));
    return el('div', { className: 'dw-help' }, told || 'nothing is known of this party');
}

// A mailbox without an address, as `*` is, may be one of each tenant, and an approval is for all of these.
export const inEveryTenant = (one) => !`${one.mailbox_key || '@'}`.includes('@');

export function party(one, name) {
    const kind = one[`${name}_kind`];
    return el(
        'td',
        { className: 'dw-party' },
        el('div', {}, one[`${name}_key`] || 'unknown'),
        name === 'mailbox' && inEveryTenant(one) && (one.tenant || '-') !== '-'
            ? el('div', { className: 'dw-help' }, `of ${inside(one.tenant)}`)
            : '',
        facts({ kind, ...(one[`${name}_facts`] || {}) }),
    );
}

// How it is known that somebody granted it.
function origin(one) {
    if (one.granted) return `granted ${when(one.granted)}${one.actor_key ? ` by ${one.actor_key}` : ''}`;
    if (Number(one.baseline) === 1) return 'stood at the first sweep; who granted it is not known';
    return 'no record tells who granted it';
}

export function how(one) {
    const right = [RIGHTS[one.right] || one.right, one.access, one.deny === 'true' && 'denied'];
    const seen = one.last_seen && `last seen ${when(one.last_seen)}`;
    const said = [right.filter(Boolean).join(', '), origin(one), seen].filter(Boolean).join('; ');
    const native = [one.folder, one.right_native || one.right].filter(Boolean).map(inside).join(': ');
    return el(
        'td',
        { className: 'dw-how' },
        el('div', {}, native),
        el('div', { className: 'dw-help' }, inside(said)),
    );
}

export function risk(one) {
    return el(
        'td',
        { className: 'dw-risk' },
        el('div', {}, `${one.delegation_score ?? '–'} ${one.delegation_level || ''}`),
        el('div', { className: 'dw-help' }, one.delegation_reason || ''),
    );
}

const flag = (text) => el('div', { className: 'dw-flag' }, text);

export function approval(one) {
    const held = one.approval;
    if (!held || held.state === 'none') return [el('div', {}, 'None')];
    const word = held.state === 'current' ? 'Approved until' : 'Ended on';
    const answers = [`${inside(held.owner)} answers for it`, inside(held.note)].filter(Boolean).join(': ');
    const entered = held.entered_by ? `entered by ${held.entered_by}` : 'from the lookup file';
    return [
        el('div', {}, `${word} ${held.expires}`),
        el('div', { className: 'dw-help' }, `${answers}; ${entered}`),
        held.party ? flag(`${held.entered_by} is ${held.party}: have it looked at`) : '',
    ];
}

export const label = (one) => `${inside(one.grantee_key)} on ${inside(one.mailbox_key)}, ${one.right}`;

// What was done to approvals, one row for each.
export function done(one) {
    const owner = inside(one.approval_owner);
    const until = one.approval_expires ? `until ${one.approval_expires}, ${owner} answers for it` : '';
    const said = [until, one.before && `before: ${inside(one.before)}`].filter(Boolean).join('; ');
    return el(
        'tr',
        {},
        el('td', {}, when(Date.parse(one._time) / 1000)),
        el('td', {}, el('div', {}, one.reviewer), one.reviewer_party ? flag(`is ${one.reviewer_party}`) : ''),
        el('td', {}, one.approval_action),
        el('td', { className: 'dw-party' }, el('div', {}, label(one)), el('div', { className: 'dw-help' }, said)),
        el('td', {}, one.reason || ''),
    );
}
