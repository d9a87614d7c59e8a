// What an account is good for: a button for each use, and how each question to the vendor came out.

import { button, el, messages } from './dom.js';
import { part, post } from './rest.js';

const USES = {
    o365: [
        ['audit', 'Audit feed'],
        ['backfill', 'Backfill'],
        ['inventory', 'Inventory'],
        ['response', 'Taking delegations back'],
    ],
    workspace: [
        ['audit', 'Audit feed'],
        ['inventory', 'Inventory'],
        ['response', 'Taking delegations back'],
    ],
};
const STATES = { works: 'Works', fails: 'Does not work', unsure: 'No answer now' };

function findings(told) {
    const rows = told.findings.map((each) =>
        el(
            'li',
            { className: `dw-${each.state}` },
            el('strong', {}, `${STATES[each.state] || each.state}: `),
            el('span', {}, each.what),
            each.text ? el('p', {}, each.text) : '',
        ),
    );
    return el('ul', { className: 'dw-findings' }, ...rows);
}

export function trials(account) {
    const result = el('div', { 'aria-live': 'polite', className: 'dw-results' });
    const said = messages();
    const uses = USES[account.provider];
    if (!uses)
        return el(
            'div',
            { className: 'dw-said' },
            el(
                'p',
                { className: 'dw-warning' },
                'No service that this app knows is stored for this account. Choose it under Change, then test it.',
            ),
        );
    const buttons = uses.map(([use, label]) =>
        button(
            `Test: ${label}`,
            async () => {
                said.clear();
                result.replaceChildren(el('p', {}, `${label}, account ${account.name}: asking …`));
                try {
                    const told = await post(`setup/accounts/${part(account.name)}/test`, { use });
                    result.replaceChildren(el('h4', {}, `${label}, account ${account.name}`), findings(told));
                } catch (error) {
                    result.replaceChildren();
                    said.fail(error.message);
                }
            },
            { working: 'Asking …', 'aria-label': `Test: ${label}, account ${account.name}` },
        ),
    );
    return el('div', {}, el('div', { className: 'dw-buttons' }, ...buttons), said, result);
}
