// Anatomy: the hourglass of a model, layer by layer, and what an item becomes on its way through.
import { address, ask, count, el, fill, Latest, number, place, remember, section, sentence, t } from './kit.js';
import { upsampling } from './upsampling.js';

const [WIDE, HIGH] = [1000, 230];

export default async function open(root, { run, about, signal }) {
  const latest = new Latest();
  const state = { at: Number(place('layer') ?? 0), row: Number(place('item') ?? 0), found: null };
  const follows = about.kind !== 'text' && !about.data.reason;
  const [head, picture, card, table] = [el('p', { class: 'sentence' }), el('div'), el('article', { class: 'layer-card' }), el('div', { class: 'scroll' })];

  const load = () => latest.ask(() => ask(address(run, follows ? `anatomy?row=${state.row}` : 'anatomy'), undefined, { signal }), (found) => {
    state.found = found;
    state.slabs = slabs(found, t);
    state.at = Math.min(Math.max(0, state.at), state.slabs.length - 1);
    head.textContent = [t('anatomy.layers', { n: found.layers.length }), t('anatomy.parameters', { n: count(found.parameters) }), t('anatomy.adds', { n: count(found.multiply_adds) })].join(' · ');
    draw();
  }, (error) => fill(picture, sentence(error.message, 'failed')));

  function draw() {
    fill(picture, hourglass(state.slabs, state.at, choose));
    fill(card, layer(state.slabs[state.at]));
    fill(table, listed(state.slabs, state.at, choose));
  }

  function choose(at) {
    state.at = at;
    remember({ layer: at });
    draw();
  }

  const input = el('input', { type: 'number', min: 0, max: Math.max(0, about.data.items - 1), value: state.row, onchange: () => follow(input.valueAsNumber) });
  function follow(row) {
    if (!Number.isInteger(row)) return;
    [state.row, input.value] = [row, row];
    remember({ item: row });
    load();
  }
  const another = el('button', { type: 'button', class: 'quiet', onclick: () => follow(Math.floor(Math.random() * about.data.items)) }, t('anatomy.next'));
  fill(root, follows ? el('div', { class: 'bar' }, el('label', {}, t('anatomy.item'), input), another) : about.kind === 'text' && sentence(t('anatomy.texts')),
    head, picture, card, section(t('anatomy.list'), table), about.kind === 'image' && section(t('enlarge.title'), await upsampling(signal)));
  load();
}

// What is drawn: the item, then each layer that an item passes; weights beside them are listed alone.
function slabs({ layers, item, input }) {
  return [{ part: 'input', name: t('anatomy.input'), shape: input, picture: item, first: true }, ...layers];
}

const size = (shape) => shape.reduce((product, side) => product * side, 1);

// How tall a layer stands: by the root of how many numbers it holds, so that a code is small and still seen.
function hourglass(slabs, at, choose) {
  const shown = slabs.filter(({ part }) => part !== 'beside');
  const most = Math.max(...shown.map(({ shape }) => size(shape)));
  const step = WIDE / shown.length;
  const width = Math.min(46, step * 0.6);
  const tall = ({ shape }) => Math.max(9, HIGH * Math.sqrt(size(shape) / most));
  const middle = (i) => step * (i + 0.5);
  const drawn = shown.flatMap((slab, i) => {
    const high = tall(slab);
    const next = shown[i + 1];
    const bridge = next && el('svg:polygon', { class: 'bridge', points: [[middle(i) + width / 2, (HIGH - high) / 2], [middle(i + 1) - width / 2, (HIGH - tall(next)) / 2], [middle(i + 1) - width / 2, (HIGH + tall(next)) / 2], [middle(i) + width / 2, (HIGH + high) / 2]].map((point) => point.join()).join(' ') });
    const name = `${slab.name}, ${slab.shape.join(' × ')}`;
    const pick = () => choose(slabs.indexOf(slab));
    const slabbed = el('svg:g', { class: `slab ${slab.part}${slabs.indexOf(slab) === at ? ' is-here' : ''}`, tabindex: 0, role: 'button', 'aria-label': name, onclick: pick, onkeydown: (event) => {
      if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); pick(); }
    } }, el('svg:title', {}, name), el('svg:rect', { x: middle(i) - step / 2, y: 0, width: step, height: HIGH, class: 'target' }),
    el('svg:rect', { x: middle(i) - width / 2, y: (HIGH - high) / 2, width, height: high, rx: 3, class: 'block' }),
    slab.picture && el('svg:image', { href: slab.picture.png, x: middle(i) - width / 2 + 2, y: (HIGH - high) / 2 + 2, width: width - 4, height: Math.max(0, high - 4), preserveAspectRatio: 'xMidYMid slice', class: 'activation' }));
    return [bridge, slabbed];
  });
  const parts = ['encoder', 'code', 'decoder', 'writer'].map((part) => [part, shown.map((slab, i) => [slab, i]).filter(([slab]) => slab.part === part).map(([, i]) => i)]).filter(([, places]) => places.length);
  const titles = parts.map(([part, places]) => el('svg:text', { x: (middle(places[0]) + middle(places.at(-1))) / 2, y: HIGH + 24, 'text-anchor': 'middle', class: `part-name ${part}` }, t(`anatomy.${part}`)));
  return el('div', { class: 'hourglass-scroll' }, el('svg:svg', { class: 'hourglass', viewBox: `0 0 ${WIDE} ${HIGH + 34}`, role: 'group', 'aria-label': t('room.anatomy'), style: { minWidth: `${46 * shown.length}px` } }, drawn, titles));
}

function layer({ part, name, shape, parameters, multiply_adds, receptive_field, picture, first }) {
  const facts = [[t('anatomy.shape'), shape.join(' × ')]];
  if (!first) facts.push([t('anatomy.count'), count(parameters)], [t('anatomy.work'), count(multiply_adds)]);
  if (!first && receptive_field.length) facts.push([t('anatomy.field'), receptive_field.join(' × ')]);
  const about = el('div', {}, el('h1', {}, name, el('span', { class: 'label' }, t(`anatomy.${part}`))),
    el('dl', {}, facts.flatMap(([title, value]) => [el('dt', {}, title), el('dd', {}, value)])));
  if (!picture) return [about];
  const all = shape.length === 3 ? shape[2] : size(shape);
  const told = [t('anatomy.range', { low: number(picture.low), high: number(picture.high) }), picture.shown < all && shape.length !== 2 && t('anatomy.shown', { shown: picture.shown, all: count(all) })];
  return [about, el('figure', { class: 'activations' }, el('img', { class: 'picture', src: picture.png, alt: name }), el('figcaption', {}, told.filter(Boolean).join('. ')))];
}

function listed(slabs, at, choose) {
  const head = ['part', 'layer', 'shape', 'count', 'work', 'field'].map((name) => el('th', { scope: 'col' }, t(`anatomy.${name}`)));
  const rows = slabs.map((slab, i) => el('tr', { 'data-row': i, class: i === at ? 'is-here' : '', onclick: () => choose(i) },
    [slab.first ? '' : t(`anatomy.${slab.part}`), slab.name, slab.shape.join(' × '), slab.parameters ? count(slab.parameters) : '', slab.multiply_adds ? count(slab.multiply_adds) : '', (slab.receptive_field ?? []).join(' × ')].map((text, j) => el('td', { class: j > 2 ? 'numeric' : '' }, text))));
  return el('table', { class: 'rows' }, el('thead', {}, el('tr', {}, head)), el('tbody', {}, rows));
}
