// A histogram of scores over that of held-out ones, with a line to drag by mouse, finger or arrow keys.
import { el, number } from './kit.js';

const [WIDE, HIGH] = [1000, 150];
const BINS = 80;

export class Histogram {
  constructor({ scores, held, label, axis, drag }) {
    this.drag = drag;
    const both = [scores, held].map((values) => Float32Array.from(values).sort());
    const at = (values, share) => values[Math.min(values.length - 1, Math.floor(share * values.length))];
    const [low, middle, high] = [at(both[0], 0.002), at(both[1], 0.5), Math.max(at(both[0], 1), at(both[1], 1))];
    this.low = Math.min(low, at(both[1], 0));
    this.low = Math.max(this.low, middle - 8 * (high - middle || 1)); // a single wild score would leave all others in one bar
    this.high = high > this.low ? high : this.low + 1;
    const [bars, behind] = both.map((values) => this.#counted(values));
    this.bars = bars;
    const most = Math.max(...bars, 1);
    const scale = scores.length / Math.max(1, held.length);
    const rect = (value, i, kind) => {
      const tall = Math.sqrt(value / most) * HIGH; // by its root: a few odd ones are seen beside many normal ones
      return el('svg:rect', { x: (i * WIDE) / BINS, y: HIGH - Math.min(HIGH, tall), width: WIDE / BINS - 1, height: Math.min(HIGH, tall), class: kind });
    };
    this.rects = bars.map((value, i) => rect(value, i, 'count'));
    this.line = el('svg:line', { y1: 0, y2: HIGH, class: 'threshold' });
    this.picture = el('svg:svg', { viewBox: `0 -2 ${WIDE} ${HIGH + 4}`, preserveAspectRatio: 'none', class: 'histogram' },
      behind.map((value, i) => rect(value * scale, i, 'held')), this.rects, this.line);
    this.handle = el('div', { class: 'handle', tabindex: 0, role: 'slider', 'aria-label': label, 'aria-valuemin': number(this.low), 'aria-valuemax': number(this.high) });
    this.element = el('figure', { class: 'histogram-frame' }, el('div', { class: 'histogram-body' }, this.picture, this.handle),
      el('div', { class: 'histogram-axis' }, el('span', {}, `≤ ${number(this.low)}`), el('span', {}, axis), el('span', {}, number(this.high))));
    this.#listen();
  }

  set(value) {
    this.value = value;
    const share = Math.min(1, Math.max(0, (value - this.low) / (this.high - this.low)));
    for (const line of ['x1', 'x2']) this.line.setAttribute(line, share * WIDE);
    this.handle.style.left = `${100 * share}%`;
    this.handle.setAttribute('aria-valuenow', String(value));
    this.handle.setAttribute('aria-valuetext', number(value));
    this.rects.forEach((rect, i) => rect.classList.toggle('is-odd', (i + 0.5) / BINS < share));
  }

  #counted(values) {
    const counts = new Array(BINS).fill(0);
    const step = (this.high - this.low) / BINS;
    for (const value of values) counts[Math.min(BINS - 1, Math.max(0, Math.floor((value - this.low) / step)))]++;
    return counts;
  }

  #listen() {
    const body = this.handle.parentElement;
    const move = (event) => {
      const box = body.getBoundingClientRect();
      this.drag(this.low + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (this.high - this.low));
    };
    body.addEventListener('pointerdown', (event) => {
      body.setPointerCapture(event.pointerId);
      move(event);
      body.addEventListener('pointermove', move);
    });
    for (const end of ['pointerup', 'pointercancel']) body.addEventListener(end, () => body.removeEventListener('pointermove', move));
    this.handle.addEventListener('keydown', (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
      if (!steps) return;
      event.preventDefault();
      this.drag(Math.min(this.high, Math.max(this.low, this.value + (steps * (this.high - this.low)) / 200)));
    });
  }
}
