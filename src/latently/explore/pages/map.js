// The page around a point map: what an item is, what colours mean, what is searched for. All texts of the person's are
// set as text, never as markup.

const MOST_LABELS = 20; // names of classes that stand on the map
const PURE = 0.6; // share of the items at a place that must be of a class, for its name to stand there
const CELLS = 48; // in which names look for their place, across
const TILE = 40; // pixels of a thumbnail on the map
const WIDE = 1 << 22; // squares in a column of the map, when thumbnails look for room
const SOFT = 6; // times that numbers of items are evened out, so that a name stands in the middle of its class
const CROWD = 1200; // items in sight up to which they show themselves as pictures
const FOUND = 40; // results of a search that are listed
const LINES = 20; // values on a card

// ---- the page

export function showMap(PointMap) {
  const items = new Items(JSON.parse(document.getElementById('given').textContent));
  new Page(PointMap, items).start();
}

class Page {
  constructor(PointMap, items) {
    this.items = items;
    this.palette = new Palette(items.palette);
    this.at = Object.fromEntries([...document.querySelectorAll('[id]')].map((one) => [one.id, one]));
    this.hidden = new Map(); // column -> the levels that are hidden
    this.bounds = new Map(); // column -> [least, greatest] that are shown
    this.asked = new URLSearchParams(location.hash.slice(1));
    if (['dark', 'light'].includes(this.asked.get('theme'))) document.documentElement.dataset.theme = this.asked.get('theme');
    this.map = new PointMap(this.at.map, {
      renderer: this.asked.get('renderer') ?? 'auto',
      hover: (row, at) => this.hover(row, at),
      pick: (row, at) => this.pick(row, at),
      moved: () => this.placeCard(),
      overlay: (context, map) => this.overlay(context, map),
    });
    this.colourable = items.columns.filter((column) => column.kind !== 'text');
    this.by = this.colourable[0];
    this.pictures = items.sheets && new Sheets(items.sheets, () => this.refresh());
    this.everywhere = false; // pictures, not only where there is room
  }

  start() {
    const { at, items, map } = this;
    this.inset();
    map.setPoints(items.places, items.dimensions);
    this.choose();
    this.tools();
    const wanted = this.colourable.find((column) => column.name === this.asked.get('by'));
    if (wanted) this.by = wanted;
    at.by.value = this.colourable.indexOf(this.by);
    this.recolour();
    this.search();
    addEventListener('resize', () => this.inset());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.recolour());
    if (this.asked.get('background')) at.background?.click();
    if (this.asked.get('pictures')) at.pictures?.click();
    if (this.asked.get('open')) at.menu.click();
    const row = items.rows ? items.rows.indexOf(Number(this.asked.get('item') ?? -1)) : Number(this.asked.get('item') ?? -1);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      document.documentElement.dataset.drawn = Math.round(performance.now());
      document.documentElement.dataset.renderer = map.painter.name;
      if (row >= 0 && row < items.count) this.goto(row, Number(this.asked.get('zoom') ?? 6));
    }));
  }

  // What the panel covers, so that the map stands in what is left.
  inset() {
    const narrow = innerWidth < 720;
    this.narrow = narrow;
    const panel = this.at.panel.getBoundingClientRect();
    this.map.inset = narrow ? { top: 56, bottom: 44 } : { left: panel.right };
  }

  // ---- colours and filters

  choose() {
    const { by, others } = this.at;
    this.colourable.forEach((column, place) => {
      const option = element('option', '', column.name);
      option.value = place;
      by.append(option);
    });
    by.addEventListener('change', () => {
      this.by = this.colourable[by.value];
      this.recolour();
    });
    this.at.reset.addEventListener('click', () => {
      this.hidden.clear();
      this.bounds.clear();
      this.recolour();
    });
  }

  // Whether each item is shown, by all filters.
  filtered() {
    const shown = new Uint8Array(this.items.count).fill(1);
    for (const [{ values, levels, places }, hidden] of this.hidden) {
      const gone = new Uint8Array(levels.length + 1);
      levels.forEach((_, k) => (gone[k] = hidden.has(places[k])));
      gone[levels.length] = hidden.has(-1);
      for (let i = 0; i < shown.length; i++) shown[i] &= !gone[Math.min(values[i], levels.length)];
    }
    for (const [{ values, low, high }, [least, greatest]] of this.bounds) {
      for (let i = 0; i < shown.length; i++) {
        shown[i] &= (least <= low || values[i] >= least) && (greatest >= high || values[i] <= greatest);
      }
    }
    return shown;
  }

  // `anew`: with a new legend, which would take a slider out of the hand that moves it.
  recolour(anew = true) {
    const { by, items, palette, map } = this;
    const count = items.count;
    const shown = (this.shown = this.filtered());
    const colours = new Uint32Array(count);
    const shapes = new Uint8Array(count);
    const alpha = this.background ? 110 : count > 20000 ? 190 : 215;
    const inks = by.kind === 'class' ? this.inks(by) : null;
    for (let i = 0; i < count; i++) {
      if (!shown[i]) continue;
      const faint = this.matches && !this.matches[i];
      const opacity = faint ? 26 : this.matches ? 245 : alpha;
      if (inks) {
        const ink = inks[Math.min(by.values[i], by.levels.length)];
        colours[i] = packedColour(ink.rgb, ink.rest && !this.matches ? opacity * 0.6 : opacity);
        shapes[i] = ink.shape;
      } else {
        const value = by.values[i];
        const known = !Number.isNaN(value);
        const rgb = known ? palette.shade((value - by.low) / (by.high - by.low || 1)) : hex(palette.others);
        colours[i] = packedColour(rgb, opacity);
      }
    }
    map.setColours(colours, shapes);
    this.labels = by.kind === 'class' && items.dimensions === 2 ? this.named(by) : [];
    if (anew) this.legend();
    this.at.reset.hidden = !this.hidden.size && !this.bounds.size;
    this.tell();
    this.refresh();
  }

  // By level, and last for what is missing: its colour and mark.
  inks({ levels, places }) {
    return [...levels.map((_, k) => places[k]), -1].map((place) => {
      const [colour, shape] = this.palette.of(place);
      return { rgb: hex(colour), shape, rest: place < 0 };
    });
  }

  legend() {
    const { legend } = this.at;
    const focused = document.activeElement?.dataset?.place;
    legend.replaceChildren();
    this.by.kind === 'class' ? this.classLegend(legend) : this.numberLegend(legend);
    if (focused) legend.querySelector(`[data-place="${focused}"]`)?.focus();
  }

  classLegend(legend) {
    const { by } = this;
    const hidden = this.hidden.get(by) ?? new Set();
    const list = legend.appendChild(element('ul', 'classes'));
    for (const { place, name, count } of by.legend) {
      const [colour, shape] = this.palette.of(place);
      const line = list.appendChild(element('li'));
      const button = line.appendChild(element('button', 'class'));
      button.dataset.place = place;
      button.setAttribute('aria-pressed', !hidden.has(place));
      const mark = button.appendChild(element('span', shape ? 'mark triangle' : 'mark'));
      mark.style.background = colour;
      button.append(element('span', 'name', name || '(none)'), element('span', 'number', counted(count)));
      button.title = name;
      button.addEventListener('click', () => {
        hidden.has(place) ? hidden.delete(place) : hidden.add(place);
        hidden.size ? this.hidden.set(by, hidden) : this.hidden.delete(by);
        this.recolour();
      });
      const only = line.appendChild(element('button', 'only', 'only'));
      only.setAttribute('aria-label', `only ${name || '(none)'}`);
      only.addEventListener('click', () => {
        this.hidden.set(by, new Set(by.legend.map((one) => one.place).filter((other) => other !== place)));
        this.recolour();
      });
    }
  }

  numberLegend(legend) {
    const { by } = this;
    const bar = legend.appendChild(element('div', 'shades'));
    bar.style.background = `linear-gradient(to right, ${this.palette.shades.join(', ')})`;
    const ends = legend.appendChild(element('div', 'ends'));
    const range = [...(this.bounds.get(by) ?? [by.low, by.high])];
    const end = (value) => (by.kind === 'date' ? day(value) : written(Number(value.toPrecision(3))));
    const shownEnds = () => ends.replaceChildren(...range.map((value) => element('span', '', end(value))));
    shownEnds();
    ['least', 'greatest'].forEach((name, side) => {
      const slider = bar.appendChild(element('input'));
      Object.assign(slider, { type: 'range', min: 0, max: 200 });
      slider.dataset.place = name;
      slider.setAttribute('aria-label', `${name} ${by.name} to show`);
      slider.value = 200 * (by.high > by.low ? (range[side] - by.low) / (by.high - by.low) : side);
      slider.addEventListener('input', () => {
        const value = by.low + (slider.value / 200) * (by.high - by.low);
        range[side] = side ? Math.max(value, range[0]) : Math.min(value, range[1]);
        slider.value = 200 * ((range[side] - by.low) / (by.high - by.low || 1));
        range[0] <= by.low && range[1] >= by.high ? this.bounds.delete(by) : this.bounds.set(by, [...range]);
        shownEnds();
        this.recolour(false);
      });
    });
    if (by.about) legend.append(element('p', 'about', by.about));
  }

  tell() {
    const { items } = this;
    const shown = this.shown.reduce((sum, one) => sum + one, 0);
    const drawn = items.count < items.total ? `${counted(items.count)} of ${counted(items.total)} items drawn` : `${counted(items.count)} items`;
    const parts = [shown < items.count ? `${counted(shown)} of ${counted(items.count)} shown` : drawn];
    if (items.sheets && items.sheets.count < items.count) parts.push(`pictures of ${counted(items.sheets.count)}`);
    if (this.matches) parts.push(`${counted(this.found)} found`);
    this.at.count.textContent = parts.join(' · ');
  }

  // Where the name of each class stands: where most of its items are, if most items there are of it.
  named({ values, legend, places }) {
    const { map, shown } = this;
    const [x0, y0, x1, y1] = map.box;
    const side = Math.max(x1 - x0, y1 - y0) / CELLS || 1;
    const across = CELLS + 1;
    const all = new Float64Array(across * across);
    const each = new Map(legend.filter((one) => one.place >= 0).map((one) => [one.place, new Float64Array(across * across)]));
    for (let i = 0; i < shown.length; i++) {
      if (!shown[i]) continue;
      const cell = Math.floor((map.xy[2 * i + 1] - y0) / side) * across + Math.floor((map.xy[2 * i] - x0) / side);
      all[cell]++;
      const mine = each.get(places[values[i]]);
      if (mine) mine[cell]++;
    }
    const whole = smooth(all, across, SOFT);
    const found = [];
    for (const { place, name } of legend) {
      if (!each.has(place) || !name) continue;
      const mine = smooth(each.get(place), across, SOFT);
      let [best, most] = [-1, 0];
      for (let c = 0; c < mine.length; c++) {
        const share = mine[c] / whole[c];
        if (share > PURE && mine[c] * share > most) [best, most] = [c, mine[c] * share];
      }
      if (best < 0) continue;
      found.push({ name, place, most, x: x0 + ((best % across) + 0.5) * side, y: y0 + (Math.floor(best / across) + 0.5) * side });
    }
    return found.sort((a, b) => b.most - a.most).slice(0, MOST_LABELS);
  }

  // ---- what is drawn over the points

  overlay(context, map) {
    this.placeCard();
    if (this.pictures && this.shown && (this.everywhere || this.inSight(map) <= CROWD)) this.drawPictures(context, map);
    else if (this.labels?.length) this.drawNames(context, map);
  }

  inSight(map) {
    let count = 0;
    const [low, high] = [map.place(0, map.height), map.place(map.width, 0)];
    for (let i = 0; i < this.shown.length && count <= CROWD; i++) {
      const [x, y] = [map.xy[2 * i], map.xy[2 * i + 1]];
      if (this.shown[i] && x > low.x && x < high.x && y > low.y && y < high.y) count++;
    }
    return count;
  }

  // Items as pictures where they have room, the same ones until one looks half as near again.
  drawPictures(context, map) {
    const scale = 2 ** (Math.floor(2 * Math.log2(map.view.scale)) / 2);
    const apart = (1.12 * TILE) / scale;
    const taken = new Map();
    const [low, high] = [map.place(-TILE, map.height + TILE), map.place(map.width + TILE, -TILE)];
    const inks = this.by.kind === 'class' ? this.inks(this.by) : null;
    const free = (x, y, column, row) => {
      for (const other of [0, 1, -1, WIDE, -WIDE, WIDE + 1, WIDE - 1, 1 - WIDE, -WIDE - 1]) {
        const there = taken.get(column * WIDE + row + other);
        if (there !== undefined && Math.abs(map.xy[2 * there] - x) < apart && Math.abs(map.xy[2 * there + 1] - y) < apart) return false;
      }
      return true;
    };
    for (let i = 0; i < Math.min(this.shown.length, this.pictures.count); i++) {
      const [x, y] = [map.xy[2 * i], map.xy[2 * i + 1]];
      if (!this.shown[i] || x < low.x || x > high.x || y < low.y || y > high.y) continue;
      if (this.matches && !this.matches[i]) continue;
      const [column, row] = [Math.floor(x / apart), Math.floor(y / apart)];
      if (!free(x, y, column, row)) continue;
      taken.set(column * WIDE + row, i);
      const at = map.at(i);
      const [left, top] = [Math.round(at.x - TILE / 2), Math.round(at.y - TILE / 2)];
      context.fillStyle = inks ? `rgb(${inks[Math.min(this.by.values[i], inks.length - 1)].rgb})` : this.ink('--muted');
      context.beginPath();
      context.roundRect(left - 2, top - 2, TILE + 4, TILE + 4, 5);
      context.fill();
      context.fillStyle = this.ink('--paper');
      context.fillRect(left, top, TILE, TILE);
      this.pictures.draw(context, i, left, top, TILE);
    }
  }

  drawNames(context, map) {
    const size = this.narrow ? 13 : 15;
    context.font = `650 ${size}px ${getComputedStyle(document.body).fontFamily}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    const stood = [];
    for (const { name, x, y } of this.labels) {
      const text = name.length > 22 ? `${name.slice(0, 20)}…` : name;
      const half = context.measureText(text).width / 2 + 4;
      const px = (x - map.view.x) * map.view.scale + map.width / 2;
      const py = (map.view.y - y) * map.view.scale + map.height / 2;
      if (stood.some((other) => Math.abs(other.px - px) < other.half + half && Math.abs(other.py - py) < size + 6)) continue;
      stood.push({ px, py, half });
      context.lineWidth = 5;
      context.strokeStyle = context.fillStyle = this.ink('--halo');
      context.strokeText(text, px, py);
      if (this.background) {
        context.beginPath();
        context.roundRect(px - half - 3, py - size / 2 - 5, 2 * half + 6, size + 9, 6);
        context.fill();
      }
      context.fillStyle = this.ink('--ink');
      context.fillText(text, px, py);
    }
  }

  ink(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // ---- the card of an item, or of what lies between items

  hover(row, at) {
    if (this.picked >= 0) {
      document.body.style.cursor = '';
      this.at.map.style.cursor = row >= 0 ? 'pointer' : '';
      return;
    }
    this.at.map.style.cursor = row >= 0 ? 'pointer' : '';
    if (row >= 0) return this.tellItem(row);
    if (at && this.background) return this.tellPlace(at);
    this.close();
  }

  pick(row) {
    this.picked = -1;
    if (row < 0) return this.close();
    this.picked = row;
    this.tellItem(row);
    const { x, y } = this.map.at(row);
    if (x < 20 || y < 20 || x > this.map.width - 20 || y > this.map.height - 20) this.map.show(row, 1);
  }

  goto(row, zoom = 6) {
    this.picked = row;
    this.tellItem(row);
    this.map.show(row, zoom);
  }

  close() {
    this.picked = -1;
    this.told = null;
    this.at.card.hidden = true;
    this.map.mark(-1);
  }

  tellItem(row) {
    this.map.mark(row);
    if (this.told === row && !this.at.card.hidden && this.at.card.dataset.picked === `${this.picked === row}`) return;
    this.told = row;
    this.spot = null;
    const { items, at: { card } } = this;
    card.dataset.picked = this.picked === row;
    const parts = [];
    if (this.pictures) parts.push(this.picture(row));
    else if (items.series) parts.push(line(items.series, row));
    const name = items.name(row);
    parts.push(element('h2', '', name));
    if (items.texts) parts.push(element('blockquote', '', items.texts[row]));
    parts.push(this.values(row));
    card.replaceChildren(this.closer(), ...parts);
    card.hidden = false;
    this.placeCard();
    this.at.said.textContent = `${name}. ${this.colourable.slice(0, 3).map((c) => `${c.name}: ${items.value(c, row)}`).join('. ')}`;
  }

  closer() {
    const button = element('button', 'closer', '×');
    button.setAttribute('aria-label', 'close');
    button.addEventListener('click', () => {
      this.close();
      this.at.map.focus();
    });
    return button;
  }

  picture(row) {
    const canvas = element('canvas', 'picture');
    const side = 132;
    canvas.width = canvas.height = side * 2;
    if (this.pictures.draw(canvas.getContext('2d'), row, 0, 0, 2 * side)) return canvas;
    return element('p', 'about', row < this.pictures.count ? '…' : `its picture is not in this file, which has ${counted(this.pictures.count)} of ${counted(this.items.count)}`);
  }

  values(row) {
    const { items } = this;
    const list = element('dl');
    items.columns.slice(0, LINES).forEach((column) => {
      const value = items.value(column, row);
      list.append(element('dt', '', column.name));
      const told = list.appendChild(element('dd', '', value));
      if (column === this.by && column.kind === 'class') {
        const [colour, shape] = this.palette.of(column.places[column.values[row]] ?? -1);
        const mark = element('span', shape ? 'mark triangle' : 'mark');
        mark.style.background = colour;
        told.prepend(mark);
      }
    });
    const more = items.columns.length - LINES + (items.left ?? 0);
    if (more > 0) list.append(element('dt', 'about', `and ${counted(more)} more`), element('dd'));
    return list;
  }

  // What the decoder makes of a place, from the nearest tile of the background.
  tellPlace(at) {
    const { x, y } = this.map.place(at.x, at.y);
    const { centres, alphas, side, width, height, columns, image } = this.background;
    let [best, least] = [-1, (0.75 * side) ** 2];
    for (let k = 0; k < alphas.length; k++) {
      const far = (centres[2 * k] - x) ** 2 + (centres[2 * k + 1] - y) ** 2;
      if (alphas[k] && far < least) [best, least] = [k, far];
    }
    if (best < 0) return this.close();
    this.map.mark(-1);
    this.told = null;
    this.spot = at;
    const canvas = element('canvas', 'picture');
    const times = Math.min(264 / width, 264 / height);
    canvas.width = width * times;
    canvas.height = height * times;
    const context = canvas.getContext('2d');
    context.imageSmoothingEnabled = times < 2;
    context.drawImage(image, (best % columns) * width, Math.floor(best / columns) * height, width, height, 0, 0, canvas.width, canvas.height);
    const far = this.map.gap(x, y) / this.items.usual;
    const told = far < 1 ? 'among items' : `${far.toFixed(1)} times as far from an item as items are from each other`;
    this.at.card.replaceChildren(canvas, element('h2', '', 'No item here'), element('p', 'about', `What the decoder makes of this place, ${told}.`));
    this.at.card.hidden = false;
    this.at.card.dataset.picked = false;
    this.placeCard();
  }

  placeCard() {
    const { card } = this.at;
    if (card.hidden) return;
    if (this.narrow) return card.style.removeProperty('translate');
    const at = this.spot ?? (this.told >= 0 && this.told !== null ? this.map.at(this.told) : null);
    if (!at) return;
    const { width, height } = card.getBoundingClientRect();
    const right = at.x + 18 + width < innerWidth - 12;
    const x = right ? at.x + 18 : Math.max(12, at.x - 18 - width);
    const y = Math.max(12, Math.min(innerHeight - height - 12, at.y - height / 2));
    card.style.translate = `${Math.round(x)}px ${Math.round(y)}px`;
  }

  refresh() {
    this.map.draw();
    if (!this.at.card.hidden && this.told !== null && this.told >= 0) {
      const row = this.told;
      this.told = null;
      this.tellItem(row);
    }
  }

  // ---- search

  search() {
    const { query, results } = this.at;
    let waiting = 0;
    query.addEventListener('input', () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.find(query.value), 120);
    });
    query.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        query.value = '';
        this.find('');
        this.at.map.focus();
      } else if (event.key === 'Enter' || event.key === 'ArrowDown') {
        clearTimeout(waiting);
        if (event.key === 'Enter') this.find(query.value);
        (event.key === 'Enter' ? results.querySelector('button') : results.querySelector('button'))?.[event.key === 'Enter' ? 'click' : 'focus']();
        event.preventDefault();
      }
    });
    results.addEventListener('keydown', (event) => {
      const next = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
      if (!next) return;
      (document.activeElement.parentElement[next]?.firstElementChild ?? query).focus();
      event.preventDefault();
    });
    addEventListener('keydown', (event) => {
      if (event.key === '/' && document.activeElement !== query) {
        if (this.narrow && !document.body.classList.contains('open')) this.at.menu.click();
        query.focus();
        event.preventDefault();
      } else if (event.key === 'Escape' && document.activeElement !== query) this.close();
    });
    if (this.asked.get('q')) {
      query.value = this.asked.get('q');
      this.find(query.value);
    }
  }

  find(text) {
    const { items } = this;
    const { results } = this.at;
    const wanted = text.trim().toLowerCase();
    results.replaceChildren();
    this.matches = null;
    this.found = 0;
    if (wanted) {
      this.matches = new Uint8Array(items.count);
      const words = items.words;
      const first = [];
      for (let i = 0; i < items.count; i++) {
        if (!this.shown[i] || !words[i].includes(wanted)) continue;
        this.matches[i] = 1;
        this.found++;
        if (first.length < FOUND) first.push(i);
      }
      for (const row of first) {
        const line = results.appendChild(element('li'));
        const button = line.appendChild(element('button', '', items.texts?.[row] ?? items.name(row)));
        button.addEventListener('click', () => this.goto(row));
      }
      if (!this.found) results.append(element('li', 'about', 'nothing has it'));
      else if (this.found > FOUND) results.append(element('li', 'about', `the first ${FOUND} of ${counted(this.found)}`));
    }
    this.recolour();
  }

  // ---- buttons

  tools() {
    const { at, map, items } = this;
    at.nearer.addEventListener('click', () => map.zoom(1.8));
    at.farther.addEventListener('click', () => map.zoom(1 / 1.8));
    at.whole.addEventListener('click', () => map.fit());
    at.theme.addEventListener('click', () => {
      document.documentElement.dataset.theme = dark() ? 'light' : 'dark';
      this.recolour();
    });
    at.help.addEventListener('click', () => {
      at.keys.hidden = !at.keys.hidden;
      at.help.setAttribute('aria-expanded', !at.keys.hidden);
    });
    at.menu.addEventListener('click', () => {
      at.menu.setAttribute('aria-expanded', document.body.classList.toggle('open'));
    });
    if (at.pictures) {
      at.pictures.addEventListener('click', () => {
        this.everywhere = !this.everywhere;
        at.pictures.setAttribute('aria-pressed', this.everywhere);
        map.draw();
      });
    }
    at.background?.addEventListener('click', async () => {
      if (this.background) map.setBackdrop((this.background = null));
      else map.setBackdrop((this.background = await this.backdrop(items.background)));
      at.background.setAttribute('aria-pressed', Boolean(this.background));
      this.recolour();
    });
  }

  async backdrop(given) {
    this.loaded ??= { ...given, image: await decoded('background-sheet'), alphas: unpacked(given.alphas), centres: unpacked(given.centres) };
    return this.loaded;
  }
}

// A series as a line.
function line({ values, length, channels }, row) {
  const canvas = element('canvas', 'series');
  [canvas.width, canvas.height] = [440, 140];
  const context = canvas.getContext('2d');
  const all = (values.unpacked ??= unpacked(values));
  context.lineWidth = 3;
  context.lineJoin = 'round';
  for (let channel = 0; channel < channels; channel++) {
    context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue(channel ? '--muted' : '--accent');
    context.beginPath();
    for (let t = 0; t < length; t++) {
      const value = all[(row * length + t) * channels + channel] / 255;
      context.lineTo(6 + (t / Math.max(1, length - 1)) * 428, 132 - value * 124);
    }
    context.stroke();
  }
  return canvas;
}

// Each cell as the mean of itself and those around it, so many times.
function smooth(cells, across, times) {
  const around = [[0, 4], [1, 2], [-1, 2], [across, 2], [-across, 2], [across + 1, 1], [across - 1, 1], [1 - across, 1], [-across - 1, 1]];
  for (let time = 0; time < times; time++) {
    const found = new Float64Array(cells.length);
    for (let c = 0; c < cells.length; c++) {
      for (const [step, weight] of around) found[c] += ((cells[c + step] ?? 0) * weight) / 16;
    }
    cells = found;
  }
  return cells;
}
