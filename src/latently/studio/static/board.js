// One model's map: its points, what is under the mouse, and a line that is drawn around some.
import { address, ask, el, fill, Latest, place, t, whole } from './kit.js';
import { PointMap } from './pointmap.js';

const FAR = 6; // usual distances from any item from which nothing is shown
const THIN = 2; // pixels between two corners of a line, at least

export class Board {
  constructor({ run, about, name, signal, hover, pick, toggle, gather, failed }) {
    Object.assign(this, { run, about, signal, hover, gather, failed, line: null, how: 'pca' });
    this.latest = new Latest();
    this.root = el('div', { class: 'map-board', tabindex: 0, role: 'application', 'aria-label': name, 'aria-describedby': 'map-keys' });
    this.lens = el('div', { class: `lens lens-${about.kind}`, hidden: true });
    this.cover = el('div', { class: 'map-cover', hidden: true });
    this.element = el('div', { class: 'map-frame' }, this.root, this.cover);
    this.root.addEventListener('keydown', (event) => {
      if (event.key !== ' ' || event.target !== this.root || this.map.current < 0) return;
      event.preventDefault();
      toggle(this.map.current);
    });
    this.#listen();
    this.pick = (row) => pick(row);
  }

  // Where everything stands: n, and the classes of `letters`. Of several ways the last that was asked for is drawn.
  async load(how) {
    const { run, signal } = this;
    this.asked = how;
    const [told, answer] = await Promise.all([
      ask(`${address(run, 'mapped')}?how=${how}`, undefined, { signal }),
      ask(`${address(run, 'map')}?how=${how}`, undefined, { signal, raw: true }),
    ]);
    const buffer = await answer.arrayBuffer();
    if (how !== this.asked) return told;
    Object.assign(this, { how, told, letters: new Uint8Array(buffer, 8 * told.items) });
    this.map ??= new PointMap(this.root, {
      hover: (row, at) => this.#hovered(row, at), pick: this.pick, overlay: (...drawn) => this.#overlay(...drawn),
      renderer: place('renderer') ?? 'auto',
    });
    this.root.append(this.lens);
    this.root.dataset.renderer = this.map.painter.name;
    this.map.setPoints(new Float32Array(buffer, 0, 2 * told.items), 2);
    return told;
  }

  paint(inks, shapes) {
    this.map.setColours(inks, shapes);
    if (!this.root.dataset.painted) requestAnimationFrame(() => { this.root.dataset.painted = Math.round(performance.now()); });
  }

  mark(row) {
    this.map?.mark(row);
  }

  drawing(on) {
    this.cover.hidden = !on;
    this.line = null;
    this.map.draw();
  }

  // ---- under the mouse

  #hovered(row, at) {
    this.over = Boolean(at) && !this.line;
    if (!this.over) {
      this.lens.hidden = true;
      return this.hover(-1);
    }
    const { about, run, signal, root } = this;
    this.lens.style.left = `${Math.max(4, Math.min(at.x + 18, root.clientWidth - (about.kind === 'image' ? 150 : 245)))}px`;
    this.lens.style.top = `${Math.max(8, Math.min(at.y + 18, root.clientHeight - 170))}px`;
    this.hover(row);
    if (row >= 0) {
      this.latest.ask(() => ask(address(run, `brief/${row}`), undefined, { signal }), ({ item, name, label }) => (
        this.#show(whole(item, { alt: name }), label ? `${name}, ${label}` : name, 1)));
    } else if (about.can.decode) {
      const { x, y } = this.map.place(at.x, at.y);
      this.latest.ask(() => ask(address(run, 'places'), { places: [[x, y]], how: this.how }, { signal }), ({ items, distances }) => {
        const near = Math.max(0, 1 - distances[0] / FAR);
        this.#show(whole(items[0], { alt: t('map.made') }), t(near ? 'map.made' : 'map.far'), Math.max(0.12, near));
      }, () => { this.lens.hidden = true; });
    } else this.lens.hidden = true;
  }

  #show(item, name, strength) {
    if (!this.over) return; // the mouse has left meanwhile
    this.lens.hidden = false;
    this.lens.dataset.drawn = Number(this.lens.dataset.drawn ?? 0) + 1;
    item.style.opacity = strength;
    fill(this.lens, item, el('small', {}, name));
  }

  // ---- a line around items

  #listen() {
    const { cover } = this;
    const spot = ({ clientX, clientY }) => {
      const box = this.root.getBoundingClientRect();
      return { px: clientX - box.left, py: clientY - box.top };
    };
    const add = (event) => {
      const { px, py } = spot(event);
      const last = this.line.at(-1);
      if (last && Math.hypot(px - last.px, py - last.py) < THIN) return;
      this.line.push({ px, py, ...this.map.place(px, py) });
    };
    cover.addEventListener('pointerdown', (event) => {
      cover.setPointerCapture(event.pointerId);
      this.line = [];
      add(event);
    });
    cover.addEventListener('pointermove', (event) => {
      if (!this.line) return;
      add(event);
      this.map.draw();
    });
    cover.addEventListener('pointerup', () => {
      const line = this.line ?? [];
      this.drawing(false);
      this.gather(null);
      if (line.length > 2) this.#inside(line.map(({ x, y }) => [x, y]));
    });
  }

  async #inside(line) {
    try {
      const answer = await ask(address(this.run, 'inside'), { line, how: this.how }, { signal: this.signal, raw: true });
      this.gather(new Uint32Array(await answer.arrayBuffer()));
    } catch (error) {
      if (error.name !== 'AbortError') this.failed(error);
    }
  }

  #overlay(context, { view, width, height }) {
    if (!this.line || this.line.length < 2) return;
    context.beginPath();
    for (const { x, y } of this.line) context.lineTo((x - view.x) * view.scale + width / 2, (view.y - y) * view.scale + height / 2);
    context.closePath();
    context.strokeStyle = getComputedStyle(this.root).color;
    context.lineWidth = 1.5;
    context.stroke();
  }
}
