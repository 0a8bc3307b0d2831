// Map: every code as a point; over an item its picture, row or line, over empty space what would stand there, live.
import { address, ask, count, el, fill, Latest, number, percent, place, remember, section, sentence, t, whole } from './kit.js';
import { Board } from './board.js';
import { chosen } from './chosen.js';
import { inked, legend, visible } from './colours.js';
import { small } from './gallery.js';

const WAYS = ['pca', 'tsne', 'umap', 'localmap'];
const COLUMN = 'column:';
const TOLD = 1000; // rows of the chosen ones that stand in the page

export default async function open(root, { run, about, signal }) {
  if (about.data.reason) return fill(root, sentence(about.data.reason));
  const number_ = (name) => (place(name) === null ? null : Number(place(name)));
  const usual = about.data.labels.length ? 'label' : 'score';
  const state = { how: WAYS.includes(place('how')) ? place('how') : 'pca', by: place('by') ?? usual, k: number_('k') || 8, row: number_('item'), hidden: new Set(), chosen: null, known: null, turn: 0, pairs: 0 };
  const deciding = new Latest();
  const [colours, side] = [el('div', { class: 'legend' }), el('article', { class: 'detail' })];
  const note = el('p', { class: 'sentence map-note', role: 'status' });
  const boards = [];
  const frames = el('div', { class: 'map-frames' });
  const first = () => boards[0];

  // ---- what is drawn

  function added(name, model) {
    const board = new Board({
      run: name, about: model, name: `${t('room.map')}, ${name}`, signal, pick, toggle,
      hover: (row) => boards.forEach((one) => one.mark(row >= 0 ? row : state.row ?? -1)),
      gather: (rows) => (rows ? gathered(rows) : drawing(false)),
      failed: (error) => fill(side, sentence(error.message, 'failed')),
    });
    boards.push(board);
    framed();
    return board;
  }

  function framed() {
    frames.classList.toggle('is-pair', boards.length > 1);
    fill(frames, boards.map((board) => el('figure', {}, boards.length > 1 && el('figcaption', {}, `${board.run} · ${board.about.model}`), board.element)));
  }

  async function load(how) {
    state.how = how;
    remember({ how });
    note.textContent = t('map.making');
    try {
      const known = coloured();
      known.catch(() => {}); // said below, unless places fail first
      const [told] = await Promise.all(boards.map((board) => board.load(how)));
      if (how !== state.how) return; // another way was chosen meanwhile
      if (state.row !== null) boards.forEach((board) => board.mark(state.row));
      paint();
      note.textContent = [t('map.drawn', { n: count(told.items), all: count(told.total) }), told.shares ? t('map.shares', { share: percent(told.shares.reduce((a, b) => a + b, 0)) }) : t(told.exact ? 'map.plain' : 'map.bent')].join(' · ');
      await known;
    } catch (error) {
      if (error.name !== 'AbortError' && how === state.how) note.textContent = error.message;
    }
  }

  // What colours say, of the first model for both; labels come with the places.
  async function coloured() {
    const { by, k } = state;
    state.known = null;
    state.hidden.clear();
    if (by === 'label') return paint();
    const asked = new URLSearchParams({ by, k });
    const [told, answer] = await Promise.all([ask(`${address(run, 'colours')}?${asked}`, undefined, { signal }), ask(`${address(run, 'coloured')}?${asked}`, undefined, { signal, raw: true })]);
    const buffer = await answer.arrayBuffer();
    if (by !== state.by || k !== state.k) return undefined;
    state.known = { ...told, values: told.kind === 'class' ? new Uint8Array(buffer) : new Float32Array(buffer) };
    return paint();
  }

  function paint() {
    if (!first()?.told) return;
    const { letters, told } = first();
    const blank = { kind: 'class', classes: [], counts: [], values: new Uint8Array(letters.length).fill(255) };
    const known = state.known ?? (state.by === 'label' ? { kind: 'class', classes: told.classes, counts: told.counts, values: letters } : blank);
    const how = { by: state.by, hidden: state.hidden, chosen: state.chosen, dark: document.body.classList.contains('body--dark') };
    const inks = inked(known, how);
    for (const board of boards) if (board.told) board.paint(...inks);
    state.shown = known;
    legend(colours, known, { ...how, toggle: (letter) => {
      state.hidden.has(letter) ? state.hidden.delete(letter) : state.hidden.add(letter);
      paint();
    } });
    colours.dataset.by = known === blank ? '' : state.by;
  }

  // ---- one item

  function pick(row) {
    if (row < 0) return;
    state.row = row;
    const turn = ++state.turn;
    remember({ item: row });
    boards.forEach((board) => board.mark(row));
    deciding.ask(async () => {
      const [{ rows }, ...items] = await Promise.all([
        ask(address(run, 'neighbors'), { rows: [row], k: 12 }, { signal }),
        ...boards.map((board) => ask(address(board.run, `item/${row}`), undefined, { signal })),
      ]);
      return [items, (await ask(`${address(run, 'briefs')}?rows=${rows[0].join(',')}`, undefined, { signal })).items];
    }, (found) => turn === state.turn && shown(found), (error) => fill(side, sentence(error.message, 'failed')));
  }

  function shown([items, near]) {
    const [item] = items;
    const restored = items.map((one, i) => [boards.length > 1 ? t('map.restored', { run: boards[i]?.run ?? '' }) : t('item.restored'), one.restored]);
    const picture = about.kind === 'image';
    delete side.dataset.rows;
    fill(side, el('h1', {}, item.name, item.label && el('span', { class: 'label' }, item.label)),
      el('div', { class: picture ? 'trio' : 'stack' }, [[t('item.original'), item.item], ...restored].filter(([, one]) => one !== undefined).map(([title, one]) => el('figure', {}, el('figcaption', {}, title), whole(one, { alt: title })))),
      el('p', { class: item.flagged ? 'verdict odd' : 'verdict' }, t(item.flagged ? 'item.odd' : 'item.usual', { share: percent(item.p_value), score: number(item.score) })),
      section(t('item.near'), el('div', { class: picture ? 'wall small' : 'lines' }, small(run, about.kind, near, pick))));
  }

  // ---- several items

  const lasso = el('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false', onclick: () => drawing(lasso.getAttribute('aria-pressed') === 'false') }, t('map.lasso'));
  function drawing(on) {
    for (const board of boards) if (board.told) board.drawing(on);
    lasso.setAttribute('aria-pressed', String(on));
  }

  function gathered(rows) {
    state.turn += 1; // what is still asked of one item comes too late
    const some = visible(rows, state.shown, state.hidden);
    state.chosen = some.length ? new Uint8Array(first().told.items) : null;
    for (const row of some) state.chosen[row] = 1;
    const { how } = state;
    chosen(side, { run, about, how, rows: some, labels: state.own ?? [], signal, pick, clear, named: (labels) => {
      state.own = Object.keys(labels);
      colour('own');
    } });
    side.dataset.rows = Array.from(some.subarray(0, TOLD)).join(',');
    requestAnimationFrame(() => setTimeout(paint)); // the count first: a million points take their time
  }

  // Into the chosen ones or out of them, by keyboard.
  function toggle(row) {
    const mask = state.chosen?.slice() ?? new Uint8Array(first().told.items);
    mask[row] ^= 1;
    const rows = [];
    for (let i = mask.indexOf(1); i >= 0; i = mask.indexOf(1, i + 1)) rows.push(i);
    rows.length ? gathered(Uint32Array.from(rows)) : clear();
  }

  function clear() {
    state.chosen = null;
    delete side.dataset.rows;
    fill(side);
    paint();
  }

  // ---- choices

  const groups = el('input', { type: 'number', min: 2, max: 100, value: state.k, 'aria-label': t('map.groups'), onchange: () => {
    if (!groups.checkValidity()) return;
    state.k = groups.valueAsNumber;
    colour('kmeans');
  } });
  const by = el('select', { 'aria-label': t('map.by'), onchange: () => colour(by.value) });
  const option = (value) => el('option', { value, selected: value === state.by }, value.startsWith(COLUMN) ? value.slice(COLUMN.length) : t(`map.${value}`));

  async function colour(name) {
    Object.assign(state, { by: name });
    by.value = name;
    groups.hidden = name !== 'kmeans';
    remember({ by: name, k: name === 'kmeans' ? state.k : null });
    try {
      await coloured();
    } catch (error) {
      if (error.name !== 'AbortError') note.textContent = error.message;
    }
  }

  const beside = el('select', { 'aria-label': t('map.beside'), onchange: () => pair(beside.value) });
  async function pair(other) {
    remember({ beside: other });
    boards.splice(1);
    const turn = ++state.pairs;
    if (other) {
      try {
        const model = await ask(address(other), undefined, { signal });
        if (turn !== state.pairs) return; // another one was chosen meanwhile
        const board = added(other, model);
        const told = await board.load(state.how);
        if (turn !== state.pairs) return;
        if (told.items !== first().told.items) throw new Error(t('map.unlike'));
        if (state.row !== null) board.mark(state.row);
        note.textContent = t('map.paired', { n: count(told.items), all: count(told.total), run });
      } catch (error) {
        if (error.name === 'AbortError' || turn !== state.pairs) return;
        note.textContent = error.message;
        boards.splice(1);
      }
    }
    framed();
    paint();
  }

  const zoom = [['+', 1.6, 'map.nearer'], ['−', 1 / 1.6, 'map.farther']].map(([sign, times, name]) => el('button', { type: 'button', class: 'quiet', 'aria-label': t(name), onclick: () => boards.forEach((board) => board.map.zoom(times)) }, sign));
  const all = el('button', { type: 'button', class: 'quiet', onclick: () => boards.forEach((board) => board.map.fit()) }, t('map.all'));
  const ways = el('select', { 'aria-label': t('map.way'), onchange: () => load(ways.value) }, WAYS.map((how) => el('option', { value: how, selected: how === state.how }, t(`map.${how}`))));
  groups.hidden = state.by !== 'kmeans';
  added(run, about);
  fill(root, el('div', { class: 'bar map-bar' }, ways, by, groups, beside, lasso, all, zoom),
    el('div', { class: 'map-split' }, el('div', {}, frames, colours, note, el('p', { id: 'map-keys', class: 'sentence map-note' }, t('map.keys'))), side));
  const turned = new MutationObserver(paint);
  turned.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  signal.addEventListener('abort', () => turned.disconnect());
  beside.hidden = true;
  await load(state.how);
  if (state.row !== null) pick(state.row);
  const [known, alike] = await Promise.all([ask(address(run, 'known'), undefined, { signal }), ask(address(run, 'alike'), undefined, { signal })]);
  fill(by, known.by.map(option));
  state.own = known.own;
  fill(beside, el('option', { value: '' }, t('map.alone')), alike.runs.map((one) => el('option', { value: one.run, selected: one.run === place('beside') }, t('map.with', { run: one.run }))));
  beside.hidden = !alike.runs.length;
  if (alike.runs.some((one) => one.run === place('beside'))) await pair(place('beside'));
}
