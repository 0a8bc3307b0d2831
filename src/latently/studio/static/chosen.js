// Items that a person gathered on the map: to look through, to be called something, to be taken along as a file.
import { address, ask, count, el, fill, sentence, t } from './kit.js';
import { small } from './gallery.js';
import { fileName, save } from './saving.js';

const TOGETHER = 200;
const FILES = [['places', 'map.save', 'csv'], ['codes', 'map.saveCodes', 'csv'], ['names', 'map.saveNames', 'txt']];

export function chosen(side, { run, about, how, rows, labels, signal, pick, named, clear }) {
  const holder = el('div', { class: about.kind === 'image' ? 'wall small wide' : 'lines' });
  const said = el('p', { class: 'sentence', role: 'status' });
  const failed = (error) => error.name !== 'AbortError' && fill(said, sentence(error.message, 'failed'));
  let shown = 0;

  async function more() {
    button.hidden = true;
    const some = rows.slice(shown, shown + TOGETHER);
    shown += some.length;
    try {
      const { items } = await ask(`${address(run, 'briefs')}?rows=${some.join(',')}`, undefined, { signal });
      holder.append(...small(run, about.kind, items, pick));
      button.hidden = shown >= rows.length;
    } catch (error) {
      failed(error);
    }
  }

  async function call(label) {
    try {
      const told = await ask(address(run, 'label'), { rows: Array.from(rows), label }, { signal });
      said.textContent = label ? t('map.called', { n: count(rows.length), label }) : t('map.uncalled', { n: count(rows.length) });
      named(told.labels);
    } catch (error) {
      failed(error);
    }
  }

  async function take(what, ending) {
    try {
      const answer = await ask(address(run, 'export'), { rows: Array.from(rows), what, how }, { signal, raw: true });
      save(fileName(run, 'chosen', ending), [await answer.blob()], ending === 'csv' ? 'text/csv' : 'text/plain');
    } catch (error) {
      failed(error);
    }
  }

  const button = el('button', { type: 'button', class: 'quiet', hidden: true, onclick: more }, t('anomalies.more'));
  const name = el('input', { type: 'text', maxlength: 80, list: 'own-labels', 'aria-label': t('map.name'), placeholder: t('map.name'), required: true });
  const form = el('form', { class: 'bar own', onsubmit: (event) => { event.preventDefault(); call(name.value.trim()); } },
    name, el('datalist', { id: 'own-labels' }, labels.map((label) => el('option', { value: label }))),
    el('button', { type: 'submit', class: 'main' }, t('map.call')));
  const off = el('div', { class: 'bar' }, el('button', { type: 'button', class: 'quiet', onclick: clear }, t('map.clear')),
    el('button', { type: 'button', class: 'quiet', onclick: () => call('') }, t('map.uncall')));
  const files = el('div', { class: 'bar' }, FILES.map(([what, text, ending]) => (
    el('button', { type: 'button', class: 'quiet', onclick: () => take(what, ending) }, t(text)))));
  fill(side, el('h1', {}, t('map.inside', { n: count(rows.length) })),
    rows.length > 0 && [form, off, files],
    said, holder, button);
  if (rows.length) more();
}
