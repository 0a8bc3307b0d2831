// What a point's colour says: a class by its own colour and shape, a number by a shade; and the legend of both.
import { count, el, fill, language, number, t } from './kit.js';

export const NONE = 255;
const CLASSES = {
  light: ['#332288', '#cc6677', '#117733', '#ddaa33', '#56a8e0', '#882255', '#44aa99', '#999933', '#aa4499', '#777777'],
  dark: ['#8a7fe8', '#f08a97', '#4fbf73', '#e9c25a', '#7cc4f4', '#d9669b', '#63cfc0', '#c5c457', '#d283c8', '#b3b3b3'],
};
const SHADES = { // from the least to the greatest; neither end is lost on its paper
  score: { light: ['#c8452a', '#96b0e2'], dark: ['#ff8a6b', '#566eaa'] },
  number: { light: ['#440154', '#31688e', '#35b779', '#d8c72a'], dark: ['#46568f', '#26828e', '#5ec962', '#fde725'] },
};
const MANY = 2 * CLASSES.light.length; // discs, then triangles
const REST = '#8a929e';
const FAINT = 0x30000000;

// 0xaabbggrr, as canvases hold it.
const packed = (hex) => {
  const n = parseInt(hex.slice(1), 16);
  return (0xff000000 | ((n & 255) << 16) | (n & 0xff00) | (n >> 16)) >>> 0;
};
const group = (letter) => (letter < MANY ? letter : NONE);
const stops = (by) => SHADES[by === 'score' ? 'score' : 'number'];

// The colour and the shape of every point; `chosen`, a byte each, leaves the others faint.
export function inked({ kind, values, low, high }, { by, hidden, chosen, dark }) {
  const theme = dark ? 'dark' : 'light';
  const [inks, shapes] = [new Uint32Array(values.length), new Uint8Array(values.length)];
  if (kind === 'class') {
    const table = Uint32Array.from({ length: NONE + 1 }, (_, letter) => (
      hidden.has(group(letter)) ? 0 : packed(letter < MANY ? CLASSES[theme][letter % (MANY / 2)] : REST)));
    for (let i = 0; i < inks.length; i++) {
      inks[i] = table[values[i]];
      shapes[i] = values[i] >= MANY / 2 && values[i] < MANY ? 1 : 0;
    }
  } else {
    const table = Uint32Array.from({ length: 256 }, (_, step) => shade(stops(by)[theme], step / 255));
    const [rest, scale] = [packed(REST), 255 / (high - low || 1)];
    for (let i = 0; i < inks.length; i++) {
      const step = (values[i] - low) * scale;
      inks[i] = step === step ? table[step < 0 ? 0 : step > 255 ? 255 : step | 0] : rest;
    }
  }
  if (chosen) {
    for (let i = 0; i < inks.length; i++) if (!chosen[i] && inks[i]) inks[i] = ((inks[i] & 0xffffff) | FAINT) >>> 0;
  }
  return [inks, shapes];
}

// Classes as buttons that hide them, or the ends of the shades.
export function legend(root, known, { by, hidden, dark, toggle }) {
  const theme = dark ? 'dark' : 'light';
  if (known.kind !== 'class') {
    const ends = by === 'score' ? [t('map.odd'), t('map.normal')] : [known.low, known.high].map((end) => written(known.kind, end));
    const ramp = `linear-gradient(to right, ${stops(by)[theme].join(', ')})`;
    return fill(root, el('span', {}, ends[0]), el('span', { class: 'ramp', style: { background: ramp } }), el('span', {}, ends[1]));
  }
  const entries = known.classes.slice(0, MANY).map((name, letter) => [letter, name, known.counts[letter]])
    .sort(([, a], [, b]) => a.localeCompare(b, undefined, { numeric: true }));
  const rest = known.values.length - entries.reduce((sum, [, , size]) => sum + size, 0);
  if (rest) entries.push([NONE, t(known.classes.length > MANY ? 'map.others' : 'map.none'), rest]);
  return fill(root, entries.map(([letter, name, size]) => el('button', {
    type: 'button', 'aria-pressed': String(!hidden.has(letter)), onclick: () => toggle(letter),
  }, el('span', {
    class: letter >= MANY / 2 && letter < MANY ? 'dot triangle' : 'dot',
    style: { '--dot': letter === NONE ? REST : CLASSES[theme][letter % (MANY / 2)] },
  }), name, el('small', {}, count(size)))));
}

// Of rows those that are not hidden.
export const visible = (rows, known, hidden) => (
  hidden.size && known.kind === 'class' ? rows.filter((row) => !hidden.has(group(known.values[row]))) : rows);

const written = (kind, value) => (kind === 'date' ? new Date(1000 * value).toLocaleDateString(language) : number(value));

function shade(colours, share) {
  const at = share * (colours.length - 1);
  const from = Math.min(colours.length - 2, Math.floor(at));
  const [a, b] = [packed(colours[from]), packed(colours[from + 1])];
  let mixed = 0xff;
  for (const shift of [16, 8, 0]) {
    const [low, high] = [(a >>> shift) & 255, (b >>> shift) & 255];
    mixed = (mixed << 8) | Math.round(low + (high - low) * (at - from));
  }
  return mixed >>> 0;
}
