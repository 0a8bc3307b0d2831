// Files that the browser writes itself: no other address is asked for them.
import { el } from './kit.js';

export function save(name, parts, type = 'text/csv') {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

// A .csv of rows of cells: texts in quotes, and never a formula.
export const csv = (rows) => rows.map((row) => `${row.map(written).join(',')}\n`);

export const fileName = (run, what, ending) => `${run.split('/').join('-')}-${what}.${ending}`;

function written(value) {
  if (typeof value === 'number') return String(value);
  if (value === null || value === undefined) return '';
  return `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;
}
