// What a page with a map knows of its items: values, pictures in sheets, colours. `map.js` stands on it.

const element = (name, className = '', text = '') => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== '') made.textContent = text;
  return made;
};
const counted = (number) => number.toLocaleString('en');

const ARRAYS = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array };

// { type, data } to a typed array.
function unpacked(packed) {
  const text = atob(packed.data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new ARRAYS[packed.type](bytes.buffer);
}

// ---- what is known of the items

class Items {
  constructor(given) {
    Object.assign(this, given);
    this.rows = given.rows && unpacked(given.rows);
    this.columns = given.columns.map((column) => ({
      ...column,
      values: Array.isArray(column.values) ? column.values : unpacked(column.values),
    }));
  }

  // Places as the map takes them: 16 bits a number in the file, spread over the least and the greatest.
  get places() {
    const packed = unpacked(this.points);
    const places = new Float32Array(packed.length);
    const { low, high, dimensions } = this;
    for (let i = 0; i < packed.length; i++) {
      const axis = i % dimensions;
      places[i] = low[axis] + (packed[i] / 65535) * (high[axis] - low[axis]);
    }
    return places;
  }

  row(i) {
    return this.rows ? this.rows[i] : i;
  }

  name(i) {
    return this.names ? this.names[i] : `row ${counted(this.row(i))}`;
  }

  // What a column says of an item.
  value(column, i) {
    const value = column.values[i];
    if (column.kind === 'text') return value;
    if (column.kind === 'class') return value < column.levels.length ? column.levels[value] || '–' : '–';
    if (Number.isNaN(value)) return '–';
    if (column.kind === 'date') return value % 86400 ? new Date(1000 * value).toISOString().slice(0, 19) : day(value);
    return written(value);
  }

  // In small letters all that can be searched for, made when it is first asked.
  get words() {
    this.known ??= Array.from({ length: this.count }, (_, i) => {
      const told = this.columns.filter((c) => c.kind === 'class' || c.kind === 'text').map((c) => this.value(c, i));
      return [this.name(i), `${this.row(i)}`, this.texts?.[i] ?? '', ...told].join('\n').toLowerCase();
    });
    return this.known;
  }
}

const day = (seconds) => new Date(1000 * seconds).toISOString().slice(0, 10);

function written(value) {
  const large = Math.abs(value) >= 1e4 && Math.abs(value) < 1e15;
  const text = large ? counted(Math.round(value)) : `${Number.isInteger(value) ? value : Number(value.toPrecision(4))}`;
  return text.replace('-', '−');
}

// ---- pictures, in sheets that are decoded when first seen

class Sheets {
  constructor(given, ready) {
    Object.assign(this, given);
    this.ready = ready;
    this.images = [];
  }

  // Draws the picture of an item into a square; false where it has none, or it is not decoded yet.
  draw(context, i, x, y, side) {
    if (i >= this.count) return false;
    const image = this.image(Math.floor(i / this.each));
    if (!image) return false;
    const k = i % this.each;
    const { cell, columns, width, height } = this;
    const times = Math.min(side / width, side / height);
    const [w, h] = [width * times, height * times];
    context.imageSmoothingEnabled = times < 2;
    const from = [(k % columns) * cell[0], Math.floor(k / columns) * cell[1]];
    context.drawImage(image, ...from, width, height, x + (side - w) / 2, y + (side - h) / 2, w, h);
    return true;
  }

  image(number) {
    if (!this.images[number]) {
      const image = (this.images[number] = decoded(`sheet-${number}`));
      image.then((found) => {
        image.found = found;
        this.ready();
      });
    }
    return this.images[number].found;
  }
}

// The image whose address stands in an element that may not have been read yet, or not to its end.
async function decoded(id) {
  if (document.readyState === 'loading') {
    await new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve, { once: true }));
  }
  const image = new Image();
  image.src = document.getElementById(id).textContent.trim();
  await image.decode();
  return image;
}

// ---- colours

const dark = () => (document.documentElement.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
const hex = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const packedColour = ([red, green, blue], alpha) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;

class Palette {
  constructor({ classes, others, shades }) {
    Object.assign(this, { all: classes, rest: others, scales: shades });
  }

  get classes() {
    return this.all[dark() ? 1 : 0];
  }

  get others() {
    return this.rest[dark() ? 1 : 0];
  }

  get shades() {
    return this.scales[dark() ? 1 : 0];
  }

  // The colour and the mark of a class: ten colours as discs, and again as triangles.
  of(place) {
    return place < 0 ? [this.others, 0] : [this.classes[place % this.classes.length], Math.floor(place / this.classes.length) % 2];
  }

  shade(share) {
    const at = Math.max(0, Math.min(1, share)) * (this.shades.length - 1);
    const [a, b] = [Math.floor(at), Math.ceil(at)].map((k) => hex(this.shades[k]));
    return a.map((value, k) => Math.round(value + (b[k] - value) * (at - Math.floor(at))));
  }
}
