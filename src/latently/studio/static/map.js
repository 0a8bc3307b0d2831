// Map: every code as a point; over an item its picture, row or line, over empty space what would stand there, live.
import { address, ask, choice, count, el, fill, Latest, number, percent, place, remember, section, sentence, t, whole } from './kit.js';
import { small } from './gallery.js';
import { PointMap } from './pointmap.js';

const WAYS = ['pca', 'tsne', 'umap', 'pacmap'];
const COLOURS = { light: ['#332288', '#cc6677', '#117733', '#ddaa33', '#56a8e0', '#882255', '#44aa99', '#999933', '#aa4499', '#777777'], dark: ['#8a7fe8', '#f08a97', '#4fbf73', '#e9c25a', '#7cc4f4', '#d9669b', '#63cfc0', '#c5c457', '#d283c8', '#b3b3b3'] };
const NONE = 255;
const FAR = 6; // usual distances from any item from which nothing is shown

export default async function open(root, { run, about, signal }) {
  if (about.data.reason) return fill(root, sentence(about.data.reason));
  const state = { how: WAYS.includes(place('how')) ? place('how') : 'pca', by: place('by') === 'score' ? 'score' : 'label', chosen: null, hidden: new Set(), row: place('item') === null ? null : Number(place('item')) };
  const [hovering, deciding] = [new Latest(), new Latest()];
  const board = el('div', { class: 'map-board', tabindex: 0, role: 'application', 'aria-label': t('room.map') });
  const [lens, legend, side, note] = [el('div', { class: `lens lens-${about.kind}`, hidden: true }), el('div', { class: 'legend' }), el('article', { class: 'detail' }), el('p', { class: 'sentence map-note', role: 'status' })];
  let map = null;
  let line = null;
  let scores = null;

  // ---- what is drawn

  async function load(how) {
    state.how = how;
    remember({ how });
    note.textContent = t('map.making');
    try {
      const [told, answer] = await Promise.all([ask(`${address(run, 'mapped')}?how=${how}`, undefined, { signal }), ask(`${address(run, 'map')}?how=${how}`, undefined, { signal, raw: true })]);
      const buffer = await answer.arrayBuffer();
      Object.assign(state, { told, places: new Float32Array(buffer, 0, 2 * told.items), letters: new Uint8Array(buffer, 8 * told.items), chosen: null });
      map ??= new PointMap(board, { hover, pick, overlay });
      map.setPoints(state.places, 2);
      if (state.row !== null) map.mark(state.row);
      paint();
      note.textContent = [t('map.drawn', { n: count(told.items), all: count(told.total) }), told.shares ? t('map.shares', { share: percent(told.shares.reduce((a, b) => a + b, 0)) }) : t('map.bent')].join(' · ');
    } catch (error) {
      if (error.name !== 'AbortError') note.textContent = error.message;
    }
  }

  async function paint() {
    if (!state.letters) return;
    const dark = document.body.classList.contains('body--dark');
    const inks = COLOURS[dark ? 'dark' : 'light'].map(packed);
    const colours = new Uint32Array(state.letters.length);
    if (state.by === 'score') {
      scores ??= new Float32Array(await (await ask(address(run, 'scores'), undefined, { signal, raw: true })).arrayBuffer()).subarray(0, state.letters.length);
      const sorted = Float32Array.from(scores).sort();
      const [low, high] = [sorted[Math.floor(0.01 * sorted.length)], sorted[Math.floor(0.99 * (sorted.length - 1))]];
      for (let i = 0; i < colours.length; i++) colours[i] = shade((scores[i] - low) / (high - low || 1), dark);
    } else {
      for (let i = 0; i < colours.length; i++) {
        const letter = state.letters[i];
        colours[i] = state.hidden.has(letter) ? 0 : letter === NONE ? packed('#8a929e') : inks[letter % inks.length];
      }
    }
    if (state.chosen) for (let i = 0; i < colours.length; i++) if (!state.chosen.has(i)) colours[i] = colours[i] && ((colours[i] & 0xffffff) | 0x30000000) >>> 0;
    map.setColours(colours, Uint8Array.from(state.letters, (letter) => (letter !== NONE && letter >= inks.length ? 1 : 0)));
    legended(inks.length, dark);
  }

  function legended(many, dark) {
    if (state.by === 'score') return fill(legend, el('span', {}, t('map.odd')), el('span', { class: 'ramp', style: { background: `linear-gradient(to right, ${[0, 0.5, 1].map((share) => css(shade(share, dark))).join(', ')})` } }), el('span', {}, t('map.normal')));
    fill(legend, state.told.classes.slice(0, 2 * many).map((name, letter) => el('button', { type: 'button', 'aria-pressed': String(!state.hidden.has(letter)), onclick: () => {
      state.hidden.has(letter) ? state.hidden.delete(letter) : state.hidden.add(letter);
      paint();
    } }, el('span', { class: letter < many ? 'dot' : 'dot triangle', style: { '--dot': COLOURS[dark ? 'dark' : 'light'][letter % many] } }), name)));
  }

  // ---- under the mouse

  function hover(row, at) {
    if (!at || line) { lens.hidden = true; return; }
    lens.style.left = `${Math.min(at.x + 18, board.clientWidth - (about.kind === 'image' ? 150 : 245))}px`;
    lens.style.top = `${Math.max(8, Math.min(at.y + 18, board.clientHeight - 170))}px`;
    map.mark(row);
    if (row >= 0) {
      hovering.ask(() => ask(address(run, `brief/${row}`), undefined, { signal }), (brief) => lensed(whole(brief.item, { alt: brief.name }), brief.label ? `${brief.name}, ${brief.label}` : brief.name, 1));
    } else if (about.can.decode) {
      const { x, y } = map.place(at.x, at.y);
      hovering.ask(() => ask(address(run, 'places'), { places: [[x, y]], how: state.how }, { signal }), ({ items, distances }) => {
        const near = Math.max(0, 1 - distances[0] / FAR);
        lensed(whole(items[0], { alt: t('map.made') }), t(near ? 'map.made' : 'map.far'), Math.max(0.12, near));
      }, () => { lens.hidden = true; });
    } else lens.hidden = true;
  }

  function lensed(item, name, strength) {
    lens.hidden = false;
    lens.dataset.drawn = Number(lens.dataset.drawn ?? 0) + 1;
    item.style.opacity = strength;
    fill(lens, item, el('small', {}, name));
  }

  function pick(row) {
    if (row < 0) return;
    state.row = row;
    remember({ item: row });
    map.mark(row);
    deciding.ask(async () => {
      const [item, { rows }] = await Promise.all([ask(address(run, `item/${row}`), undefined, { signal }), ask(address(run, 'neighbors'), { rows: [row], k: 12 }, { signal })]);
      return [item, (await ask(`${address(run, 'briefs')}?rows=${rows[0].join(',')}`, undefined, { signal })).items];
    }, ([item, near]) => fill(side, el('h1', {}, item.name, item.label && el('span', { class: 'label' }, item.label)),
      el('div', { class: about.kind === 'image' ? 'trio' : 'stack' }, [[t('item.original'), item.item], [t('item.restored'), item.restored]].filter(([, one]) => one !== undefined).map(([title, one]) => el('figure', {}, el('figcaption', {}, title), whole(one, { alt: title })))),
      el('p', { class: item.flagged ? 'verdict odd' : 'verdict' }, t(item.flagged ? 'item.odd' : 'item.usual', { share: percent(item.p_value), score: number(item.score) })),
      section(t('item.near'), el('div', { class: about.kind === 'image' ? 'wall small' : 'lines' }, small(run, about.kind, near, pick)))),
    (error) => fill(side, sentence(error.message, 'failed')));
  }

  // ---- a line around items

  const cover = el('div', { class: 'map-cover', hidden: true });
  const lasso = el('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false', onclick: () => drawing(cover.hidden) }, t('map.lasso'));
  function drawing(on) {
    cover.hidden = !on;
    lasso.setAttribute('aria-pressed', String(on));
    line = null;
    map.draw();
  }
  const spot = (event) => { const box = board.getBoundingClientRect(); const { x, y } = map.place(event.clientX - box.left, event.clientY - box.top); return [x, y]; };
  cover.addEventListener('pointerdown', (event) => { cover.setPointerCapture(event.pointerId); line = [spot(event)]; event.stopPropagation(); });
  cover.addEventListener('pointermove', (event) => { if (line) { line.push(spot(event)); map.draw(); } event.stopPropagation(); });
  cover.addEventListener('pointerup', async (event) => {
    event.stopPropagation();
    const drawn = line;
    drawing(false);
    if (!drawn || drawn.length < 3) return;
    try {
      const answer = await ask(address(run, 'inside'), { line: drawn, how: state.how }, { signal, raw: true });
      gathered(Array.from(new Uint32Array(await answer.arrayBuffer())).filter((row) => !state.hidden.has(state.letters[row])));
    } catch (error) {
      if (error.name !== 'AbortError') fill(side, sentence(error.message, 'failed'));
    }
  });

  function overlay(context, drawnOn) {
    if (!line || line.length < 2) return;
    context.beginPath();
    for (const [x, y] of line) context.lineTo((x - drawnOn.view.x) * drawnOn.view.scale + drawnOn.width / 2, (drawnOn.view.y - y) * drawnOn.view.scale + drawnOn.height / 2);
    context.closePath();
    context.strokeStyle = getComputedStyle(board).color;
    context.lineWidth = 1.5;
    context.stroke();
  }

  async function gathered(rows) {
    state.chosen = rows.length ? new Set(rows) : null;
    paint();
    const holder = el('div', { class: about.kind === 'image' ? 'wall small wide' : 'lines' });
    fill(side, el('h1', {}, t('map.inside', { n: count(rows.length) })), rows.length > 0 && el('div', { class: 'bar' },
      el('button', { type: 'button', class: 'quiet', onclick: () => save(rows) }, t('map.save')),
      el('button', { type: 'button', class: 'quiet', onclick: () => { state.chosen = null; paint(); fill(side); } }, t('map.clear'))), holder);
    side.dataset.rows = rows.join(',');
    if (!rows.length) return;
    const { items } = await ask(`${address(run, 'briefs')}?rows=${rows.slice(0, 200).join(',')}`, undefined, { signal });
    fill(holder, small(run, about.kind, items, pick));
  }

  async function save(rows) {
    const { names, labels } = await ask(address(run, 'names'), { rows }, { signal });
    const lines = ['row,name,label', ...rows.map((row, i) => [row, quoted(names[i]), quoted(labels[i] ?? '')].join(','))];
    const url = URL.createObjectURL(new Blob([`${lines.join('\n')}\n`], { type: 'text/csv' }));
    el('a', { href: url, download: `${run.split('/').join('-')}-chosen.csv` }).click();
    URL.revokeObjectURL(url);
  }

  const zoom = [['+', 1.6, 'map.nearer'], ['−', 1 / 1.6, 'map.farther']].map(([sign, times, name]) => el('button', { type: 'button', class: 'quiet', 'aria-label': t(name), onclick: () => map.zoom(times) }, sign));
  const all = el('button', { type: 'button', class: 'quiet', onclick: () => map.fit() }, t('map.all'));
  const ways = el('select', { 'aria-label': t('map.way'), onchange: () => load(ways.value) }, WAYS.map((how) => el('option', { value: how, selected: how === state.how }, t(`map.${how}`))));
  const by = choice([['label', t('map.label')], ['score', t('map.score')]], state.by, (name) => { state.by = name; remember({ by: name }); paint(); });
  board.append(lens);
  fill(root, el('div', { class: 'bar' }, ways, by, lasso, all, zoom),
    el('div', { class: 'map-split' }, el('div', {}, el('div', { class: 'map-frame' }, board, cover), legend, note), side));
  const turned = new MutationObserver(() => paint());
  turned.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  signal.addEventListener('abort', () => turned.disconnect());
  await load(state.how);
  if (state.row !== null) pick(state.row);
}

// 0xaabbggrr, as canvases hold it.
const packed = (hex) => { const n = parseInt(hex.slice(1), 16); return (0xff000000 | ((n & 255) << 16) | (n & 0xff00) | (n >> 16)) >>> 0; };
const css = (ink) => `rgb(${ink & 255} ${(ink >> 8) & 255} ${(ink >> 16) & 255})`;

// From odd, warm, to normal, cool.
function shade(share, dark) {
  const at = Math.min(1, Math.max(0, share));
  const [from, to] = dark ? [[255, 138, 107], [86, 110, 170]] : [[200, 69, 42], [150, 176, 226]];
  const [r, g, b] = from.map((value, i) => Math.round(value + (to[i] - value) * at));
  return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
}

// A cell of a .csv: in quotes, and never a formula.
const quoted = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
