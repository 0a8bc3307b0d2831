// The terms of a loss over epochs, each in a frame of its own: training thin, held out strong.
import { el, number, t } from './kit.js';

const [WIDE, HIGH] = [320, 110];

export function curves(events) {
  const names = [...new Set(events.flatMap((event) => [...Object.keys(event.train), ...Object.keys(event.validation ?? {})]))];
  names.sort((a, b) => (b === 'loss') - (a === 'loss'));
  return el('div', { class: 'curves' }, names.map((name) => frame(name, events)));
}

function frame(name, events) {
  const read = (part) => events.map((event) => [event.epoch, event[part]?.[name]]).filter(([, value]) => Number.isFinite(value));
  const [trained, held] = [read('train'), read('validation')];
  const all = [...trained, ...held].map(([, value]) => value).sort((a, b) => a - b);
  if (!all.length) return null;
  const least = all[0];
  const most = all[Math.floor(0.98 * (all.length - 1))]; // the first epochs would flatten all others
  const [first, last] = [events[0].epoch, Math.max(events.at(-1).epoch, events[0].epoch + 1)];
  const x = (epoch) => ((epoch - first) / (last - first)) * WIDE;
  const y = (value) => HIGH - ((Math.min(value, most) - least) / (most - least || 1)) * (HIGH - 8) - 4;
  const drawn = (points, kind) => points.length > 0 && el('svg:polyline', { class: kind, points: points.map(([epoch, value]) => `${x(epoch).toFixed(1)},${y(value).toFixed(1)}`).join(' ') });
  const final = (held.length ? held : trained).at(-1)[1];
  return el('figure', { class: 'curve' }, el('figcaption', {}, el('span', {}, name), el('b', {}, number(final))),
    el('svg:svg', { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `${name}: ${number(final)}` }, drawn(trained, 'trained'), drawn(held, 'held-out')),
    el('div', { class: 'histogram-axis' }, el('span', {}, String(first)), name === 'loss' && el('span', {}, t(held.length ? 'train.legend' : 'train.legendAlone')), el('span', {}, String(last))));
}
