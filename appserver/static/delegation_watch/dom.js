// Elements of the pages. Text only ever goes in as text, so nothing that a tenant or a person wrote becomes markup.

// el('a', { href: '#' }, 'text', child): properties, `aria-` and `data-` attributes, and what is inside.
export function el(tag, props = {}, ...inside) {
    const made = document.createElement(tag);
    Object.entries(props).forEach(([name, value]) => {
        if (value === undefined || value === null || value === false) return;
        if (name.includes('-') || name === 'for' || name === 'role' || name === 'list')
            made.setAttribute(name, value);
        else made[name] = value;
    });
    made.append(...inside.flat().filter((each) => each !== null && each !== undefined && each !== ''));
    return made;
}

let count = 0;
export const newId = (stem) => {
    count += 1;
    return `dw-${stem}-${count}`;
};

// A place for messages. Success waits for a pause, an error is read at once; both can be seen until the next one.
export function messages() {
    const polite = el('div', { role: 'status', className: 'dw-said' });
    const loud = el('div', { role: 'alert', className: 'dw-said' });
    const place = el('div', { tabIndex: -1 }, polite, loud);
    place.clear = () => {
        polite.replaceChildren();
        loud.replaceChildren();
    };
    place.say = (text) => {
        place.clear();
        polite.append(el('p', { className: 'dw-good' }, text));
    };
    place.warn = (...texts) => texts.forEach((text) => polite.append(el('p', { className: 'dw-warning' }, text)));
    // Where a form was that has gone, the focus would be lost.
    place.take = () => {
        place.focus({ preventScroll: true });
        place.scrollIntoView({ block: 'nearest' });
    };
    place.fail = (text) => {
        place.clear();
        loud.append(el('p', { className: 'dw-bad' }, text));
    };
    return place;
}

// Do something once, however often a button is pressed; while it runs, the button says so.
export function button(label, work, { kind = 'btn', working = 'Working …', ...props } = {}) {
    const made = el('button', { type: 'button', className: kind, ...props }, label);
    let running = false;
    made.run = async () => {
        if (running) return;
        running = true;
        made.setAttribute('aria-disabled', 'true');
        made.textContent = working;
        try {
            await work();
        } finally {
            running = false;
            made.removeAttribute('aria-disabled');
            made.textContent = label;
        }
    };
    made.addEventListener('click', (event) => {
        event.preventDefault();
        made.run();
    });
    return made;
}

// A labelled control with its help and a place for what is wrong with it.
export function field(name, label, control, help = '') {
    const id = newId(name);
    const wrong = el('span', { id: `${id}-wrong`, className: 'dw-wrong' });
    const told = el('span', { id: `${id}-help`, className: 'dw-help' }, help);
    control.id = id;
    control.name = name;
    control.setAttribute('aria-describedby', `${id}-help ${id}-wrong`);
    const made = el('div', { className: 'dw-field' }, el('label', { for: id }, label), control, told, wrong);
    made.control = control;
    made.fieldName = name;
    made.blame = (text) => {
        wrong.textContent = text || '';
        if (text) control.setAttribute('aria-invalid', 'true');
        else control.removeAttribute('aria-invalid');
    };
    return made;
}

export const text = (value = '', props = {}) =>
    el('input', { type: 'text', value, autocomplete: 'off', spellcheck: false, ...props });

export function choice(options, value) {
    const made = el(
        'select',
        {},
        ...options.map(([key, label]) => el('option', { value: key, selected: key === value }, label)),
    );
    made.value = value;
    return made;
}

// A form: fields may come and go, `submit` gets the values of those that are there.
export function form(fields, submitLabel, submit, cancel) {
    const said = messages();
    const made = el('form', { noValidate: true, className: 'dw-form' });
    const shown = () => fields.filter((each) => !each.hidden && each.control);
    const save = button(
        submitLabel,
        async () => {
            shown().forEach((each) => each.blame(''));
            said.clear();
            try {
                await submit(Object.fromEntries(shown().map((each) => [each.fieldName, each.control.value])));
            } catch (error) {
                const blamed = shown().find((each) => each.fieldName === error.field);
                if (blamed) {
                    blamed.blame(error.message);
                    blamed.control.focus();
                } else {
                    said.fail(error.message);
                }
            }
        },
        { kind: 'btn btn-primary', type: 'submit', working: 'Saving …' },
    );
    const stop = cancel ? button('Cancel', async () => cancel()) : '';
    made.append(...fields, said, el('div', { className: 'dw-buttons' }, save, stop));
    made.addEventListener('input', () => {
        made.dataset.begun = 'yes';
    });
    made.addEventListener('submit', (event) => {
        event.preventDefault();
        save.run();
    });
    made.said = said;
    return made;
}

// The colour that a theme gives the page, which a dialog has not by itself.
function ground(element) {
    if (!element) return '';
    const colour = getComputedStyle(element).backgroundColor;
    return /^(transparent|rgba\(.*, 0\))$/.test(colour) ? ground(element.parentElement) : colour;
}

// Ask before something that cannot be undone; the dialog keeps the focus and gives it back. `asked` is a field of it, if
// there is one, whose value `work` gets; what `work` gives back is called when the dialog has gone.
export function sure(question, yes, work, asked) {
    const said = messages();
    const title = newId('sure');
    const dialog = el('dialog', { className: 'dw-dialog', 'aria-labelledby': title });
    const inside = el('form', { noValidate: true });
    const go = button(
        yes,
        async () => {
            said.clear();
            try {
                const after = await work(asked ? asked.control.value.trim() : '');
                dialog.close();
                await after();
            } catch (error) {
                said.fail(error.message);
            }
        },
        { kind: 'btn btn-primary', type: 'submit' },
    );
    const keep = button('Cancel', async () => dialog.close());
    inside.append(
        el('p', { id: title }, question),
        asked || '',
        said,
        el('div', { className: 'dw-buttons' }, go, keep),
    );
    inside.addEventListener('submit', (event) => {
        event.preventDefault();
        go.run();
    });
    dialog.append(inside);
    dialog.addEventListener('close', () => dialog.remove());
    const page = document.querySelector('.dw-page');
    dialog.style.background = ground(page);
    page.append(dialog);
    dialog.showModal();
    (asked ? asked.control : keep).focus();
}

// Put something into the place of what is there, and the focus onto its heading or first control.
export function show(place, ...inside) {
    place.replaceChildren(...inside);
    const first = place.querySelector('input, select, textarea, button');
    if (first) first.focus();
}

// Open a form where one may be open; what somebody began to write there is not thrown away unasked.
export function instead(place, open) {
    if (place.querySelector('form[data-begun]'))
        sure('What was written in the form that is open is not saved. Leave it?', 'Leave it', async () => open);
    else open();
}

export function table(caption, heads, rows, empty) {
    if (!rows.length) return el('p', { className: 'dw-empty' }, empty);
    const head = el('tr', {}, ...heads.map((each) => el('th', { scope: 'col' }, each)));
    const scroll = el('div', { className: 'dw-scroll', tabIndex: 0, role: 'region', 'aria-label': caption });
    scroll.append(
        el(
            'table',
            { className: 'table' },
            el('caption', {}, caption),
            el('thead', {}, head),
            el('tbody', {}, ...rows),
        ),
    );
    return scroll;
}

export function when(seconds) {
    if (!seconds) return '';
    return new Date(Number(seconds) * 1000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
