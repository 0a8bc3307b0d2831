// What a few items become from epoch to epoch: the map of their codes, some restored, some drawn; live, and back in time.
import { ask, el, fill, Latest, sentence, t, whole } from './kit.js';

const COLOURS = 10;
const SIDE = 200;

export class Glimpses {
  #latest = new Latest();
  #listing = new Latest();
  #about = null;
  #epoch = null; // that is shown; null for the newest

  constructor(path, signal) {
    Object.assign(this, { path, signal, kept: new Map() });
    this.told = el('output', {});
    this.slider = el('input', { type: 'range', min: 0, max: 0, step: 1, 'aria-label': t('glimpses.epoch'), oninput: () => this.#turn(Number(this.slider.value)) });
    this.map = el('div', { class: 'glimpse-map' });
    this.items = el('div', { class: 'glimpse-items' });
    this.element = el('section', { class: 'part glimpses', hidden: true }, el('h2', {}, t('glimpses.title')),
      el('label', { class: 'slider glimpse-time' }, el('span', { class: 'slider-name' }, t('glimpses.epoch')), this.slider, this.told),
      el('div', { class: 'glimpse-split' }, this.map, this.items));
  }

  // Looks for newer ones; who looks back at an earlier one is left there.
  update() {
    this.#listing.ask(() => ask(this.path, undefined, { signal: this.signal }), (about) => {
      this.#about = about;
      this.element.hidden = !about.epochs.length;
      if (!about.epochs.length) return;
      const following = this.#epoch === null || !about.epochs.includes(this.#epoch);
      this.slider.max = about.epochs.length - 1;
      this.slider.value = following ? about.epochs.length - 1 : about.epochs.indexOf(this.#epoch);
      this.#show(following ? about.epochs.at(-1) : this.#epoch);
    });
  }

  #turn(place) {
    const { epochs } = this.#about;
    this.#epoch = place === epochs.length - 1 ? null : epochs[place];
    this.#show(epochs[place]);
  }

  #show(epoch) {
    this.told.textContent = String(epoch);
    this.slider.setAttribute('aria-valuetext', String(epoch));
    if (this.shown === epoch) return;
    this.#latest.ask(async () => this.kept.get(epoch) ?? ask(`${this.path}/${epoch}`, undefined, { signal: this.signal }), (glimpse) => {
      this.kept.set(epoch, glimpse);
      this.shown = epoch;
      this.element.dataset.epoch = epoch;
      fill(this.map, points(glimpse.places, this.#about.labels));
      fill(this.items, rows(this.#about, glimpse));
    }, (error) => fill(this.items, sentence(error.message, 'failed')));
  }
}

// Codes on two axes, of spread one: three spreads are shown, what is farther out stands at the rim.
function points(places, labels) {
  const names = [...new Set(labels.filter((label) => label !== null))].sort();
  const at = (value, sign) => ((Math.max(-3, Math.min(3, sign * value)) + 3) / 6) * (SIDE - 12) + 6;
  const drawn = places.map(([x, y], i) => el('svg:circle', { cx: at(x, 1).toFixed(1), cy: at(y, -1).toFixed(1), r: 2.6, class: labels[i] === null ? 'none' : `ink-${names.indexOf(labels[i]) % COLOURS}` }));
  return el('svg:svg', { viewBox: `0 0 ${SIDE} ${SIDE}`, role: 'img', 'aria-label': t('glimpses.map') }, drawn);
}

function rows({ kind, items }, { restored, drawn }) {
  const lines = [[t('item.original'), items], [t('item.restored'), restored], [t('glimpses.drawn'), drawn]].filter(([, some]) => some.length);
  if (kind === 'table') return lines.slice(0, 0).concat([table(items, restored)]);
  return lines.map(([title, some]) => el('figure', {}, el('figcaption', {}, title),
    el('div', { class: `glimpse-row glimpse-${kind}` }, some.map((item) => whole(item, { alt: title })))));
}

// The first rows, what was found above what is restored.
function table(items, restored) {
  if (!items.length) return null;
  return el('div', { class: 'scroll' }, items.slice(0, 3).map((item, i) => whole(item, { beside: restored[i], heads: i ? null : [t('item.original'), t('item.restored')] })));
}
