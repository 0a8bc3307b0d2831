// The terms of a loss over epochs, each in a frame of its own: of one run training thin and held out strong, of several
// runs one line each, in the run's colour.
import { el, number, t } from './kit.js';

const [WIDE, HIGH] = [320, 110];
const SHARE = 0.98; // of the values that are seen whole: the first epochs would flatten all others

const named = (events) => [...new Set(events.flatMap((event) => [...Object.keys(event.train), ...Object.keys(event.validation ?? {})]))];
const read = (events, part, name) => events.map((event) => [event.epoch, event[part]?.[name]]).filter(([, value]) => Number.isFinite(value));
const first = (names) => names.sort((a, b) => (b === 'loss') - (a === 'loss') || a.localeCompare(b)); // the same after a training went on

export function curves(events) {
  return el('div', { class: 'curves' }, first(named(events)).map((name) => {
    const [trained, held] = [read(events, 'train', name), read(events, 'validation', name)];
    const last = (held.length ? held : trained).at(-1)?.[1];
    return frame(name, [{ points: trained, kind: 'trained' }, { points: held, kind: 'held-out' }], number(last), name === 'loss' && t(held.length ? 'train.legend' : 'train.legendAlone'));
  }));
}

// Runs { run, events, ink } over each other: what was held out, or else trained on.
export function overlaid(runs) {
  const names = first([...new Set(runs.flatMap(({ events }) => named(events)))]);
  return el('div', { class: 'curves' }, names.map((name) => frame(name, runs.map(({ events, ink }) => {
    const held = read(events, 'validation', name);
    return { points: held.length ? held : read(events, 'train', name), kind: `run-line ink-${ink}` };
  }), '', name === 'loss' && t('train.overlaid'))));
}

function frame(name, lines, told, note) {
  const shown = lines.filter(({ points }) => points.length);
  if (!shown.length) return null;
  const values = shown.flatMap(({ points }) => points.map(([, value]) => value)).sort((a, b) => a - b);
  const epochs = shown.flatMap(({ points }) => [points[0][0], points.at(-1)[0]]);
  const [least, most] = [values[0], values[Math.floor(SHARE * (values.length - 1))]];
  const [from, to] = [Math.min(...epochs), Math.max(...epochs, Math.min(...epochs) + 1)];
  const x = (epoch) => ((epoch - from) / (to - from)) * WIDE;
  const y = (value) => HIGH - ((Math.min(value, most) - least) / (most - least || 1)) * (HIGH - 8) - 4;
  const drawn = shown.map(({ points, kind }) => el('svg:polyline', { class: kind, points: points.map(([epoch, value]) => `${x(epoch).toFixed(1)},${y(value).toFixed(1)}`).join(' ') }));
  return el('figure', { class: 'curve' }, el('figcaption', {}, el('span', {}, name), el('b', {}, told)),
    el('svg:svg', { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `${name} ${told}` }, drawn),
    el('div', { class: 'histogram-axis' }, el('span', {}, String(from)), note && el('span', {}, note), el('span', {}, String(to))));
}
