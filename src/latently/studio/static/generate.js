// Generate: a code moved by hand with its item live beside it, new items drawn, ways between two; texts that are written on.
import { address, ask, choice, el, fill, Latest, number, percent, place, remember, section, sentence, t, whole } from './kit.js';

export default async function open(root, context) {
  const { about } = context;
  if (about.can.write) return (await import('./writing.js')).writing(root, context);
  if (!about.can.decode) return fill(root, sentence(t('generate.none')));
  const parts = { sliders, samples, between };
  const known = about.data.reason ? ['samples'] : ['sliders', 'samples', 'between'];
  const body = el('div');
  const turn = async (name) => {
    remember({ part: name });
    fill(body, sentence(t('shell.loading'), 'waiting'));
    try {
      await parts[name](body, context);
    } catch (error) {
      if (error.name !== 'AbortError') fill(body, sentence(error.message, 'failed'));
    }
  };
  const first = known.includes(place('part')) ? place('part') : known[0];
  fill(root,
    about.data.reason && sentence(t('generate.nodata', { why: about.data.reason })),
    el('div', { class: 'bar' }, choice(known.map((name) => [name, t(`generate.${name}`)]), first, turn)), body);
  await turn(first);
}

// A conditional model's label: what its codes do not say.
function labelled(about, use) {
  if (!about.classes.length) return { element: null, value: () => undefined };
  const select = el('select', { onchange: use }, about.classes.map((label) => el('option', { value: label }, label)));
  return { element: el('label', {}, t('generate.label'), select), value: () => select.value };
}

// ---- by hand

async function sliders(body, { run, about, signal }) {
  const [space, { classes }] = await Promise.all([
    ask(address(run, 'axes'), undefined, { signal }), ask(address(run, 'classes'), undefined, { signal }),
  ]);
  const latest = new Latest();
  const view = el('div', { class: 'live', 'aria-live': 'polite' });
  const holder = el('div', { class: 'sliders' });
  const label = labelled(about, () => draw());
  const state = { by: place('by') === 'dimensions' ? 'dimensions' : 'axes', code: [...space.mean] };

  const draw = () => latest.ask(
    () => ask(address(run, 'decode'), { codes: [state.code], label: label.value() }, { signal }),
    ({ items }) => { fill(view, whole(items[0], { alt: t('generate.sliders') })); view.dataset.drawn = Number(view.dataset.drawn ?? 0) + 1; },
    (error) => fill(view, sentence(error.message, 'failed')),
  );

  function slider(name, note, low, high, value, move) {
    const told = el('output', {}, number(value));
    const input = el('input', { type: 'range', min: low, max: high, step: (high - low) / 400, 'aria-label': name, oninput: () => {
      told.textContent = number(input.valueAsNumber);
      move(input.valueAsNumber);
      draw();
    } });
    input.value = value;
    return el('label', { class: 'slider' }, el('span', { class: 'slider-name' }, name, note && el('small', {}, note)), input, told);
  }

  // Along an axis v the code is moved by what the slider moved: z + (a' - a) v; all other directions stay as they are.
  function along({ direction, deviation, share }, i) {
    const away = state.code.map((value, j) => value - space.mean[j]);
    let now = away.reduce((sum, value, j) => sum + value * direction[j], 0);
    const reach = Math.max(3 * deviation, Math.abs(now), 1e-6);
    return slider(t('generate.axis', { n: i + 1 }), t('generate.share', { share: percent(share) }), -reach, reach, now, (next) => {
      state.code = state.code.map((value, j) => value + (next - now) * direction[j]);
      now = next;
    });
  }

  function single({ at, low, high }) {
    const [bottom, top] = [Math.min(low, state.code[at]), Math.max(high, state.code[at], low + 1e-6)];
    return slider(t('generate.number', { n: at }), null, bottom, top, state.code[at], (next) => { state.code[at] = next; });
  }

  function refill() {
    const rows = state.by === 'axes' ? space.axes.map(along) : space.dimensions.map(single);
    const note = state.by === 'dimensions' && space.dimensions.length < space.of && sentence(t('generate.shown', { n: space.dimensions.length, all: space.of }));
    fill(holder, note, rows);
    draw();
  }

  async function begin(value) {
    if (value === 'middle') state.code = [...space.mean];
    else if (value === 'random') state.code = (await ask(address(run, 'encode'), { rows: [Math.floor(Math.random() * about.data.items)] }, { signal })).codes[0];
    else state.code = [...classes[Number(value)].code];
    refill();
  }

  const start = el('select', { onchange: () => begin(start.value) },
    el('option', { value: 'middle' }, t('generate.middle')), el('option', { value: 'random' }, t('generate.random')),
    classes.length > 1 && classes.map(({ label: one }, i) => el('option', { value: i }, t('generate.class', { label: one }))));
  const by = choice(['axes', 'dimensions'].map((name) => [name, t(`generate.${name}`)]), state.by, (name) => {
    state.by = name;
    remember({ by: name });
    refill();
  });
  fill(body, el('div', { class: 'bar' }, by, el('label', {}, t('generate.start'), start), label.element),
    el('div', { class: `workbench workbench-${about.kind}` }, view, holder));
  refill();
}

// ---- new ones

async function samples(body, { run, about, signal }) {
  const latest = new Latest();
  const holder = el('div', { class: `made made-${about.kind}` });
  const label = labelled(about, () => draw());
  const draw = () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    holder.classList.add('is-waiting');
    latest.ask(() => ask(address(run, 'sample'), { n: about.kind === 'image' ? 48 : 16, seed, label: label.value() ?? null }, { signal }), ({ items }) => {
      holder.classList.remove('is-waiting');
      fill(holder, listed(about, items));
    }, (error) => fill(holder, sentence(error.message, 'failed')));
  };
  fill(body, el('div', { class: 'bar' }, el('button', { type: 'button', class: 'main', onclick: draw }, t('generate.draw')), label.element), holder);
  draw();
}

// Items that are not of the data: pictures side by side, rows as one table, texts as lines.
function listed(about, items, names = []) {
  if (about.kind === 'image') return items.map((item, i) => el('figure', {}, whole(item, { alt: names[i] ?? String(i + 1) }), names[i] && el('figcaption', {}, names[i])));
  if (about.kind === 'series') return items.map((item) => el('figure', {}, whole(item)));
  if (about.kind === 'text') return items.map((item) => whole(item));
  const head = about.columns.map((name) => el('th', { scope: 'col' }, name));
  const rows = items.map((item) => el('tr', {}, about.columns.map((name) => el('td', {}, item[name] === null ? t('item.missing') : typeof item[name] === 'number' ? number(item[name]) : String(item[name])))));
  return el('div', { class: 'scroll' }, el('table', { class: 'rows' }, el('thead', {}, el('tr', {}, head)), el('tbody', {}, rows)));
}

// ---- between two

async function between(body, { run, about, signal }) {
  const latest = new Latest();
  const holder = el('div', { class: `made way made-${about.kind}` });
  const last = about.data.items - 1;
  const random = () => Math.floor(Math.random() * (last + 1));
  const kept = (name) => { const row = Number(place(name) ?? NaN); return Number.isInteger(row) && row >= 0 && row <= last ? row : random(); };
  const ends = Object.fromEntries(['from', 'to'].map((name) => [name, el('input', { type: 'number', min: 0, max: last, value: kept(name), onchange: () => draw() })]));
  const how = el('select', { onchange: () => draw() }, ['straight', 'spherical'].map((name) => el('option', { value: name }, t(`generate.${name}`))));
  function draw() {
    const [a, b] = [ends.from.valueAsNumber, ends.to.valueAsNumber];
    if (!Number.isInteger(a) || !Number.isInteger(b)) return;
    remember({ from: a, to: b });
    latest.ask(() => ask(address(run, 'interpolate'), { a, b, n: about.kind === 'image' ? 12 : 9, how: how.value }, { signal }),
      ({ items }) => fill(holder, listed(about, items)), (error) => fill(holder, sentence(error.message, 'failed')));
  }
  const swap = el('button', { type: 'button', class: 'quiet', onclick: () => { ends.from.value = random(); ends.to.value = random(); draw(); } }, t('generate.swap'));
  fill(body, el('div', { class: 'bar' }, el('label', {}, t('generate.from'), ends.from), el('label', {}, t('generate.to'), ends.to), el('label', {}, t('generate.way'), how), swap), section(t('generate.between'), holder));
  draw();
}
