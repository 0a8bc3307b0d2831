// Numbers over time as lines: a window with a frame for each column, all windows of a column on one scale; a series.
import { el, number, t } from './kit.js';

const [WIDE, HIGH] = [240, 60];
const PANELS = 6; // columns that are drawn
const PLAIN = 4.5; // nats from which a step is odd
const scales = new Map();

// The bounds of a run's columns: what is usual in its training.
export function measured({ bounds = {} }) {
  for (const [name, ends] of Object.entries(bounds)) scales.set(name, ends);
}

export const isWindow = (item) => item !== null && typeof item === 'object' && Array.isArray(Object.values(item)[0]);

// The ends of a scale with some room: those that are known, widened to what else is drawn.
function scale(name, ...drawn) {
  const known = [...(scales.get(name) ?? []), ...drawn.flat().filter(Number.isFinite)];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = 0.08 * (high - low) || 0.5;
  return [low - room, high + room];
}

// Points [x, y] or null as the data of a path: broken where nothing is known.
function path(points) {
  let open = false;
  return points.map((point) => {
    if (!point) { open = false; return ''; }
    const step = `${open ? 'L' : 'M'}${point[0].toFixed(2)} ${point[1].toFixed(2)}${open ? '' : 'h0'}`;
    open = true;
    return step;
  }).join('');
}

const known = (values) => values.map((value, i) => (Number.isFinite(value) ? [i, value] : null));
const placed = (points, x, y) => points.map((point) => point && [x(point[0]), y(point[1])]);
const drawn = (points, kind) => el('svg:path', { d: path(points), class: kind });

function frame(name, values, { beside, odd, high = HIGH }) {
  const [bottom, top] = scale(name, values, beside ?? []);
  const [x, y] = [(i) => (i / Math.max(1, values.length - 1)) * WIDE, (value) => high - ((value - bottom) / (top - bottom)) * high];
  const step = WIDE / Math.max(1, values.length - 1);
  const marks = (odd ?? []).map((nats, i) => nats >= PLAIN && el('svg:rect', { x: x(i) - step / 2, width: step, y: 0, height: high, class: 'odd-step' }));
  return el('svg:svg', { viewBox: `0 0 ${WIDE} ${high}`, preserveAspectRatio: 'none', class: 'line-frame', role: 'img', 'aria-label': name },
    marks.filter(Boolean), beside && drawn(placed(known(beside), x, y), 'beside'), drawn(placed(known(values), x, y), 'found'));
}

// A window large: a frame for each column, with its name and its least and most; `heads` name the two lines.
export function lines(item, { beside = null, odd = null, heads = null } = {}) {
  const names = Object.keys(item);
  const frames = names.slice(0, PANELS).map((name) => {
    const seen = [...item[name], ...(beside?.[name] ?? [])].filter(Number.isFinite);
    const range = seen.length ? `${number(Math.min(...seen))} … ${number(Math.max(...seen))}` : t('item.missing');
    return el('div', { class: 'line-part' }, el('div', { class: 'line-head' }, el('span', {}, name), el('small', {}, range)), frame(name, item[name], { beside: beside?.[name], odd: odd?.[name] }));
  });
  const key = heads && el('div', { class: 'line-key' }, heads.map((head, i) => el('span', { class: i ? 'beside' : 'found' }, head)));
  return el('div', { class: 'window' }, key, frames, names.length > PANELS && el('small', { class: 'muted' }, t('series.more', { n: names.length - PANELS })));
}

// A window small: the lines alone.
export function strip(item) {
  const names = Object.keys(item).slice(0, 3);
  return el('span', { class: 'strip-lines' }, names.map((name) => frame(name, item[name], { high: 30 })));
}

// Whole series, a panel for each line, what was expected behind it, and the ranges that were odd as buttons.
export function overTime({ lines: panels, ranges }, pick) {
  const [wide, high] = [1000, 100];
  return panels.map(({ group, series, column, start, end, found, expected }) => {
    const values = [...found, ...expected].filter(Boolean).map(([, value]) => value);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const room = 0.06 * (most - least) || 0.5;
    const [x, y] = [(at) => at * wide, (value) => high - ((value - least + room) / (most - least + 2 * room)) * high];
    const here = ranges.filter((one) => one.group === group);
    const marks = here.map(({ rank, row, from, to, start: first, end: last }) => {
      const width = Math.max(0.4, 100 * (to - from));
      return el('button', { type: 'button', class: 'range', 'data-row': row, style: { left: `${Math.min(100 * from, 100 - width)}%`, width: `${width}%` }, title: `${rank}: ${first} – ${last}`, 'aria-label': `${rank}: ${first} – ${last}`, onclick: () => pick(row) }, rank <= 9 && el('small', {}, String(rank)));
    });
    return el('figure', { class: 'series' },
      el('figcaption', {}, [series, column].filter(Boolean).join(' · '), el('small', {}, `${number(least)} … ${number(most)}`)),
      el('div', { class: 'series-body' }, el('svg:svg', { viewBox: `0 0 ${wide} ${high}`, preserveAspectRatio: 'none', class: 'line-frame', role: 'img', 'aria-label': column },
        drawn(placed(expected, x, y), 'beside'), drawn(placed(found, x, y), 'found')), marks),
      el('div', { class: 'histogram-axis' }, el('span', {}, start), el('span', {}, end)));
  });
}
