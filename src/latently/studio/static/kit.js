// What every room is made of: words, elements, requests. Text is set as text, never as markup.
import { isWindow, lines } from './lines.js';

const spoken = document.getElementById('studio-strings');
const strings = JSON.parse(spoken.textContent);
export const language = spoken.lang; // the page's own is set a moment later

// The string of a key, with {name} filled in.
export function t(key, values = {}) {
  const found = strings[key];
  if (found === undefined) throw new Error(`no string is called ${key}`);
  return found.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

// el('button', { class: 'quiet', onclick }, 'Next'): children are nodes or texts; what is null is left out.
export function el(tag, given = {}, ...children) {
  const made = tag.startsWith('svg:') ? document.createElementNS('http://www.w3.org/2000/svg', tag.slice(4)) : document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name === 'style') styled(made.style, value);
    else if (name === 'value') made.value = value;
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

function styled(style, values) {
  for (const [name, value] of Object.entries(values)) {
    if (name.startsWith('--')) style.setProperty(name, value);
    else style[name] = value;
  }
}

export function fill(root, ...children) {
  root.replaceChildren(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return root;
}

// ---- requests

export const address = (run, verb = '') => `/api/models/${run.split('/').map(encodeURIComponent).join('/')}${verb && `/${verb}`}`;

export async function ask(url, body, { signal, raw = false } = {}) {
  const sent = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(url, { ...sent, signal }).catch((error) => {
    throw error.name === 'AbortError' ? error : new Error(t('error.unreachable'));
  });
  if (answer.ok) return raw ? answer : answer.json();
  const told = await answer.json().catch(() => ({}));
  throw new Error(told.error ?? t('error.unknown', { status: answer.status }));
}

// At most one request in flight; of those that came meanwhile the newest is made next, the others never.
export class Latest {
  #busy = false;
  #next = null;
  ask(make, use, failed = () => {}) {
    this.#next = { make, use, failed };
    if (!this.#busy) this.#run();
  }
  async #run() {
    this.#busy = true;
    while (this.#next) {
      const { make, use, failed } = this.#next;
      this.#next = null;
      try {
        use(await make());
      } catch (error) {
        if (error.name !== 'AbortError') failed(error);
      }
    }
    this.#busy = false;
  }
}

// ---- where one is: in the address, so that a reload keeps it

export const place = (name) => new URL(location.href).searchParams.get(name);

export function remember(values) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === '') url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  history.replaceState(history.state, '', url);
}

// ---- numbers

export const count = (value) => value.toLocaleString(language);

export function number(value) {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1).replace('e+', 'e').replace('-', '−');
  return value.toLocaleString(language, { maximumSignificantDigits: 3, useGrouping: size >= 1e4 }).replace('-', '−');
}

export const percent = (share) => `${number(100 * share)} %`;

// ---- items, each as what it is

export const isPicture = (item) => typeof item === 'string' && item.startsWith('data:image/png;base64,');

export function cell(value) {
  if (value === null || value === undefined) return t('item.missing');
  return typeof value === 'number' ? number(value) : String(value);
}

// An item large: a picture, a row as a table of its cells, a window as lines, a text; `beside` it another one.
export function whole(item, { alt = '', beside = null, over = null, heads = null } = {}) {
  if (isPicture(item)) {
    const image = el('img', { class: 'picture', src: item, alt });
    return el('div', { class: 'pictured' }, image, over && el('img', { class: 'picture over', src: over, alt: '' }));
  }
  if (typeof item === 'string') return el('blockquote', { class: 'text' }, item || t('item.blank'));
  if (isWindow(item)) return lines(item, { beside, heads });
  const head = heads && el('thead', {}, el('tr', {}, ['', ...heads].map((name) => el('th', { scope: 'col' }, name))));
  return el('table', { class: 'cells' }, head, el('tbody', {}, Object.entries(item).map(([name, value]) => {
    const other = beside?.[name];
    const off = beside && cell(other) !== cell(value);
    return el('tr', {}, el('th', { scope: 'row' }, name), el('td', { class: value === null ? 'gap' : '' }, cell(value)),
      beside && el('td', { class: off ? 'off' : 'same' }, cell(other)));
  })));
}

export function sentence(text, kind = '') {
  return el('p', { class: `sentence ${kind}`, role: kind === 'failed' ? 'alert' : null }, text);
}

export function section(title, ...children) {
  return el('section', { class: 'part' }, el('h2', {}, title), ...children);
}

// One of several, as buttons in a row.
export function choice(options, chosen, pick) {
  const buttons = options.map(([value, text]) => el('button', {
    type: 'button', role: 'radio', 'aria-checked': String(value === chosen), onclick: () => {
      for (const button of buttons) button.setAttribute('aria-checked', String(button.dataset.value === String(value)));
      pick(value);
    }, 'data-value': value,
  }, text));
  return el('div', { class: 'choice', role: 'radiogroup' }, buttons);
}

// The numbers of a code as bars from a line of zero.
export function bars(code, { most = 128 } = {}) {
  const shown = code.slice(0, most);
  const reach = Math.max(...shown.map(Math.abs), 1e-9);
  const [wide, high] = [6, 60];
  const drawn = shown.map((value, i) => {
    const tall = Math.max(0.5, (Math.abs(value) / reach) * (high / 2));
    const bar = el('svg:rect', { x: i * wide, y: value < 0 ? high / 2 : high / 2 - tall, width: wide - 1.5, height: tall, class: value < 0 ? 'below' : 'above' });
    bar.append(el('svg:title', {}, `${i}: ${number(value)}`));
    return bar;
  });
  const zero = el('svg:line', { x1: 0, x2: shown.length * wide, y1: high / 2, y2: high / 2, class: 'zero' });
  return el('figure', { class: 'code' },
    el('svg:svg', { viewBox: `0 0 ${shown.length * wide} ${high}`, style: { width: `${Math.min(100, 3 * shown.length + 10)}%` }, preserveAspectRatio: 'none', role: 'img', 'aria-label': t('item.code') }, zero, drawn),
    el('figcaption', {}, shown.length < code.length ? t('item.numbersOf', { shown: shown.length, all: count(code.length) }) : t('item.numbers', { n: code.length })));
}
