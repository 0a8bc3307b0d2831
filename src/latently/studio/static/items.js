// Items: each one, its code, what comes back, how far off that is, and what is near it.
import { address, ask, bars, choice, count, el, fill, Latest, number, percent, place, remember, section, sentence, t, whole } from './kit.js';
import { Gallery, small } from './gallery.js';

export default async function open(root, { run, about, signal }) {
  if (about.data.reason) return fill(root, sentence(about.data.reason));
  const [latest, searching] = [new Latest(), new Latest()];
  const state = { find: place('find') ?? '', label: place('label'), row: Number(place('item') ?? 0) };
  const detail = el('article', { class: 'detail', 'aria-live': 'polite' });
  const found = el('span', { class: 'found' });
  const gallery = new Gallery(run, about, {
    load: (start, some) => {
      const asked = new URLSearchParams({ start, count: some, find: state.find });
      if (state.label !== null) asked.set('label', state.label);
      return ask(`${address(run, 'items')}?${asked}`, undefined, { signal });
    },
    pick: (row) => show(row),
    told: (n) => { found.textContent = n === about.data.items ? counted(about) : t('items.found', { n: count(n), all: count(about.data.items) }); },
  });

  function show(row, scroll = true) {
    state.row = row;
    remember({ item: row });
    gallery.mark(row);
    latest.ask(() => ask(address(run, `item/${row}`), undefined, { signal }), (item) => {
      fill(detail, ...about_item(item));
      detail.dataset.item = item.row;
      if (scroll && matchMedia('(max-width: 800px)').matches) detail.scrollIntoView({ behavior: 'smooth', block: 'start' });
    }, (error) => fill(detail, sentence(error.message, 'failed')));
  }

  function about_item(item) {
    return [
      el('h1', {}, item.name, item.label === null ? null : el('span', { class: 'label' }, item.label)),
      triptych(item),
      section(t('item.code'), bars(item.code)),
      odd(item),
      near(item),
    ];
  }

  // Original, restored, difference side by side; of rows and windows together; of texts one under the other.
  function triptych(item) {
    const picture = about.kind === 'image';
    if (['table', 'series'].includes(about.kind) && item.restored) {
      return el('div', { class: 'scroll' }, whole(item.item, { beside: item.restored, heads: [t('item.original'), t('item.restored')] }));
    }
    const parts = [[t('item.original'), item.item], [t('item.restored'), item.restored], [t('item.difference'), item.difference]];
    return el('div', { class: picture ? 'trio' : 'stack' }, parts.filter(([, one]) => one !== undefined).map(([title, one], i) => (
      el('figure', {}, el('figcaption', {}, title), whole(one, { alt: title })))));
  }

  function odd(item) {
    const why = el('div', { class: 'why' });
    const button = el('button', { type: 'button', class: 'quiet', onclick: () => explain(item, why, button) }, t('item.where'));
    return section(t('item.normal'),
      el('p', { class: item.flagged ? 'verdict odd' : 'verdict' }, t(item.flagged ? 'item.odd' : 'item.usual', { share: percent(item.p_value), score: number(item.score) })),
      button, why);
  }

  async function explain(item, why, button) {
    button.disabled = true;
    try {
      const { reasons } = await import('./reasons.js');
      fill(why, reasons(about, item, await ask(address(run, `where/${item.row}`), undefined, { signal })));
    } catch (error) {
      if (error.name !== 'AbortError') fill(why, sentence(error.message, 'failed'));
    }
  }

  function near(item) {
    const holder = el('div', { class: about.kind === 'image' ? 'wall small' : 'lines' }, sentence(t('shell.loading'), 'waiting'));
    neighbours(item.row, holder);
    return section(t('item.near'), holder);
  }

  async function neighbours(row, holder) {
    try {
      const { rows, distances } = await ask(address(run, 'neighbors'), { rows: [row], k: 12 }, { signal });
      const { items } = await ask(`${address(run, 'briefs')}?rows=${rows[0].join(',')}`, undefined, { signal });
      const far = new Map(rows[0].map((one, i) => [one, distances[0][i]]));
      fill(holder, small(run, about.kind, items, (one) => show(one), ({ row: one }) => el('small', {}, number(far.get(one)))));
    } catch (error) {
      if (error.name !== 'AbortError') fill(holder, sentence(error.message));
    }
  }

  const search = el('input', { type: 'search', value: state.find, placeholder: t('items.search'), 'aria-label': t('items.search'), oninput: () => {
    state.find = search.value;
    remember({ find: state.find });
    searching.ask(() => gallery.restart(), () => {}, (error) => fill(gallery.body, sentence(error.message, 'failed')));
  } });
  const labels = about.data.labels.length > 1 && el('select', { 'aria-label': t('items.label'), onchange: (event) => {
    state.label = event.target.selectedIndex ? event.target.value : null;
    remember({ label: state.label });
    gallery.restart();
  } }, el('option', { value: '' }, t('items.all')), about.data.labels.map((label) => el('option', { value: label, selected: label === state.label }, label)));
  fill(root, el('div', { class: 'split' },
    el('aside', { class: 'list' }, el('div', { class: 'tools' }, search, labels, found), gallery.element), detail));
  show(state.row, false);
  await gallery.restart();
}

const counted = (about) => about.data.total > about.data.items
  ? t('items.some', { n: count(about.data.items), all: count(about.data.total) })
  : t('items.count', { n: count(about.data.items) });
