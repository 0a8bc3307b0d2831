// Many items: pictures as a wall of tiles from sheets, rows as a table, texts as a list. More come as one scrolls.
import { address, cell, el, t } from './kit.js';
import { strip } from './lines.js';

const TOGETHER = 96;
const ACROSS = 16; // tiles in a line of a sheet

const tileSide = () => 48 * Math.min(2, Math.ceil(devicePixelRatio || 1));

// The pictures of rows as buttons.
export function tiles(run, briefs, pick, caption = () => null) {
  if (!briefs.length) return [];
  const side = tileSide();
  const url = `${address(run, 'tiles')}?side=${side}&rows=${briefs.map(({ row }) => row).join(',')}`;
  return briefs.map((brief, i) => {
    const [x, y] = [i % ACROSS, Math.floor(i / ACROSS)];
    const lines = Math.ceil(briefs.length / ACROSS);
    const face = el('span', { class: 'face', style: {
      backgroundImage: `url("${url}")`,
      backgroundSize: `${100 * ACROSS}% ${100 * lines}%`,
      backgroundPosition: `${(100 * x) / (ACROSS - 1)}% ${lines > 1 ? (100 * y) / (lines - 1) : 0}%`,
    } });
    return button('tile', brief, pick, face, caption(brief));
  });
}

// Items in short, each a button: what a neighbour, an odd item or a found one looks like.
export function small(run, kind, briefs, pick, caption = () => null) {
  if (kind === 'image') return tiles(run, briefs, pick, caption);
  if (kind === 'series') return briefs.map((brief) => button('line strip', brief, pick, strip(brief.item), el('span', { class: 'face' }, brief.name), caption(brief)));
  return briefs.map((brief) => button('line', brief, pick, el('span', { class: 'face' }, short(brief.item)), caption(brief)));
}

export function short(item) {
  if (typeof item === 'string') return item || t('item.blank');
  return Object.values(item).slice(0, 8).map(cell).join(' · ');
}

function button(kind, brief, pick, ...inside) {
  const name = brief.label === null || brief.label === undefined ? brief.name : `${brief.name}, ${brief.label}`;
  return el('button', { type: 'button', class: kind, title: name, 'aria-label': name, 'data-row': brief.row, onclick: () => pick(brief.row) }, inside);
}

// A list that grows: `load(start, count)` gives { found, items }.
export class Gallery {
  constructor(run, about, { load, pick, told = () => {} }) {
    Object.assign(this, { run, about, load, pick, told });
    this.end = el('div', { class: 'more', 'aria-hidden': 'true' });
    this.body = this.#holder();
    this.element = el('div', { class: `gallery gallery-${about.kind}` }, this.holder, this.end);
    this.watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.#more(), { rootMargin: '600px' });
    this.watch.observe(this.end);
  }

  #holder() {
    if (this.about.kind !== 'table') return (this.holder = el('div', { class: this.about.kind === 'image' ? 'wall' : 'lines' }));
    const body = el('tbody');
    const head = ['', ...this.about.columns].map((name) => el('th', { scope: 'col' }, name));
    this.holder = el('div', { class: 'scroll' }, el('table', { class: 'rows' }, el('thead', {}, el('tr', {}, head)), body));
    return body;
  }

  restart() {
    this.start = 0;
    this.found = Infinity;
    this.turn = (this.turn ?? 0) + 1;
    this.busy = false;
    this.body.replaceChildren();
    return this.#more();
  }

  mark(row) {
    this.current = row;
    for (const one of this.body.querySelectorAll('[data-row]')) one.classList.toggle('is-here', Number(one.dataset.row) === row);
  }

  async #more() {
    if (this.busy || this.start === undefined || this.start >= this.found) return;
    this.busy = true;
    const turn = this.turn;
    const { found, items } = await this.load(this.start, TOGETHER);
    if (turn !== this.turn) return;
    this.found = found;
    this.start += items.length;
    this.told(found);
    this.body.append(...(this.about.kind === 'table' ? items.map((brief) => this.#row(brief)) : small(this.run, this.about.kind, items, this.pick)));
    this.mark(this.current);
    this.busy = false;
    if (items.length && this.end.getBoundingClientRect().top < innerHeight + 600) this.#more();
  }

  #row(brief) {
    const pick = () => this.pick(brief.row);
    const cells = this.about.columns.map((name) => el('td', { class: brief.item[name] === null ? 'gap' : '' }, cell(brief.item[name])));
    const first = el('td', {}, el('button', { type: 'button', class: 'row-name', title: brief.label ?? brief.name, onclick: (event) => { event.stopPropagation(); pick(); } }, brief.label ?? brief.name));
    return el('tr', { 'data-row': brief.row, onclick: pick }, first, cells);
  }
}
