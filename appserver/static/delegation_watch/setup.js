// The setup page: from nothing to data that arrives, in five sections of one page.

import { accountsSection } from './accounts.js';
import { button, el, field, form, messages, text } from './dom.js';
import { inputsSection } from './inputs.js';
import { get, post } from './rest.js';
import { searchesDone, searchesOff, searchesSection } from './searches.js';

const MACROS = [
    ['delegation_watch_index', 'Audit records are in', 'index=main, or index=a OR index=b'],
    [
        'delegation_watch_sourcetypes',
        'Their sourcetypes',
        'Those of Splunk’s add-ons, which the inputs write too; change it if yours are named otherwise',
    ],
    [
        'delegation_watch_windows_index',
        'Windows events of Exchange servers are in',
        'The same form; leave it if there are none',
    ],
    [
        'delegation_watch_summary_index',
        'Scored rows go to',
        'The name of one index; who owns the searches must be able to write there',
    ],
    ['delegation_watch_alert_score', 'Alert from this score on', '0 to 100; 70 is high'],
];
const REFRESH = 30000;

function section(number, title, why, ...inside) {
    return el(
        'section',
        { className: 'dw-step', 'aria-labelledby': `dw-step-${number}` },
        el('h2', { id: `dw-step-${number}`, tabIndex: -1 }, `${number}. ${title}`),
        el('p', { className: 'dw-why' }, why),
        ...inside,
    );
}

function macrosForm(state, changed) {
    const fields = MACROS.map(([name, label, help]) => field(name, label, text(state.macros[name] || ''), help));
    return form(fields, 'Save', async (given) => {
        const told = await post('setup/macros', given);
        await changed('Index and macros are saved.', ...told.warnings);
    });
}

// Which steps are done: said in words, not by colour alone.
function progress(state, feeds) {
    const arrived = feeds.some((each) => each.last_success);
    const steps = [
        ['Accounts', state.accounts.some((each) => each.secret === 'stored')],
        ['Inputs', state.inputs.some((each) => each.enabled)],
        ['Data arrives', arrived],
        ...searchesDone(state.searches),
        ['Finished', state.configured],
    ];
    return el(
        'ol',
        { className: 'dw-progress', 'aria-label': 'Progress' },
        ...steps.map(([name, done, count]) =>
            el('li', { className: done ? 'dw-works' : '' }, `${name}: ${count || (done ? 'done' : 'to do')}`),
        ),
    );
}

export async function start(root) {
    const said = messages();
    const head = el('div', {});
    const macros = el('div', {});
    const last = el('div', {});
    let state;
    let feeds = [];

    const changed = async (line, ...warnings) => {
        try {
            await load();
            said.say(line);
            said.warn(...new Set([...warnings, ...state.warnings]));
        } catch (error) {
            said.fail(`${line} What is set up now could not be read: ${error.message}`);
        }
        said.take();
    };
    changed.clear = () => said.clear();
    changed.fail = (line) => {
        said.fail(line);
        said.take();
    };
    const accounts = accountsSection(changed);
    const inputs = inputsSection(changed);
    const searches = searchesSection(changed);

    const drawInputs = () => {
        inputs.draw(state, feeds);
        head.replaceChildren(progress(state, feeds));
    };
    const draw = () => {
        accounts.draw(state);
        searches.draw(state);
        drawInputs();
        const shown = JSON.stringify(state.macros);
        // Only when they have changed, or what somebody is writing there would be lost.
        if (macros.dataset.shown !== shown) macros.replaceChildren(macrosForm(state, changed));
        macros.dataset.shown = shown;
        last.replaceChildren(end());
    };
    const end = () => {
        const done = button(
            state.configured ? 'Setup is finished' : 'Finish setup',
            async () => {
                try {
                    await post('setup/done');
                    await changed(
                        'Setup is finished. The app opens with its own pages from now on.',
                        ...searchesOff(state.searches),
                    );
                } catch (error) {
                    changed.fail(error.message);
                }
            },
            { kind: 'btn btn-primary' },
        );
        return el('div', { className: 'dw-buttons' }, done);
    };
    const look = async () => {
        try {
            feeds = (await get('setup/health')).feeds;
            drawInputs();
            inputs.trouble('');
        } catch (error) {
            inputs.trouble(`How the inputs do is not known: ${error.message}`);
        }
    };
    const load = async () => {
        state = await get('setup');
        draw();
        look();
    };

    root.replaceChildren(said);
    said.say('Looking at what is set up …');
    try {
        await load();
    } catch (error) {
        said.fail(error.message);
        return;
    }
    said.clear();
    said.warn(...state.warnings);
    root.append(
        head,
        section(
            1,
            'Accounts and what they may do',
            'An account is how the app signs in to one tenant. Secrets go to Splunk’s own storage and are never shown ' +
                'again. Test each use; what is missing is named with its remedy.',
            ...accounts.parts,
        ),
        section(
            2,
            'Inputs',
            'An input runs where you save it: on one heavy forwarder, or on the search head in Splunk Cloud.',
            ...inputs.parts,
            el('div', { className: 'dw-buttons' }, button('Look again', look, { working: 'Looking …' })),
        ),
        section(
            3,
            'Index and macros',
            'On the search head: where the searches look. It must be the index that the inputs write to.',
            macros,
        ),
        section(
            4,
            'Searches',
            'They ship disabled. On the search head, enable them in this order; nothing is scored or told until they run.',
            ...searches.parts,
        ),
        section(
            5,
            'Finish',
            'The app opens with its own pages then; this one stays in its menu.',
            last,
        ),
    );
    setInterval(() => {
        if (!document.hidden) look();
    }, REFRESH);
}
