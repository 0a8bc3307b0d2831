// Compare: runs of one kind of data in one table, beside PCA and the networks before training; what they make in rows.
import { address, ask, choice, count, el, fill, language, number, place, remember, section, sentence, t, whole } from './kit.js';
import { csv, fileName, save } from './saving.js';

const WAIT = 700; // milliseconds from one look to the next
const WHOLE = new Set(['latent', 'parameters']);

export default async function open(root, { signal }) {
  const { models } = await ask('/api/models', undefined, { signal });
  const ready = models.filter(({ state }) => state === 'ready');
  if (!ready.length) return fill(root, sentence(t('compare.none')));
  const asked = new URL(location.href).searchParams.getAll('with');
  const begun = asked.length ? asked : [place('run')]; // that of the room before
  const state = { runs: ready.filter(({ id }) => begun.includes(id)), odd: place('odd'), turn: 0 };
  const [list, found] = [el('div', { class: 'compare-runs' }), el('div', { 'aria-live': 'polite' })];
  const on = el('select', { onchange: () => { state.on = on.value; oddly(); } });
  const odd = el('select', { onchange: () => { state.odd = odd.value || null; } });
  const start = el('button', { type: 'button', class: 'main', onclick: compare }, t('compare.start'));

  function ticked() {
    const [first] = state.runs;
    for (const label of list.children) {
      const one = ready.find(({ id }) => id === label.dataset.run);
      label.firstChild.disabled = Boolean(first) && one.kind !== first.kind;
    }
    const known = state.runs.filter(({ run }) => run);
    if (!known.some(({ id }) => id === state.on)) state.on = known[0]?.id;
    fill(on, known.map(({ id }) => el('option', { value: id, selected: id === state.on }, id)));
    on.parentElement.hidden = !known.length;
    start.disabled = !known.length;
    return oddly();
  }

  // Labels of the data: items of one may be called odd.
  async function oddly() {
    const unknown = el('option', { value: '' }, t('compare.unknown'));
    fill(odd, unknown);
    const { on: run } = state;
    odd.parentElement.hidden = true;
    if (!run) return;
    const { data } = await ask(address(run), undefined, { signal }).catch(() => ({ data: { labels: [] } }));
    if (run !== state.on) return;
    if (!data.labels.includes(state.odd)) state.odd = null; // of other data
    if (data.labels.length < 2) return;
    fill(odd, unknown, data.labels.map((label) => el('option', { value: label, selected: label === state.odd }, label)));
    odd.parentElement.hidden = false;
  }

  async function compare() {
    const turn = ++state.turn;
    const runs = [state.on, ...state.runs.map(({ id }) => id).filter((id) => id !== state.on)];
    const url = new URL(location.href);
    url.searchParams.delete('with');
    for (const run of runs) url.searchParams.append('with', run);
    history.replaceState(history.state, '', url);
    remember({ odd: state.odd });
    const began = performance.now();
    try {
      const { comparison } = await ask('/api/comparisons', { runs, odd: state.odd ? [state.odd] : [] }, { signal });
      for (;;) {
        const told = await ask(`/api/comparisons/${comparison}`, undefined, { signal });
        if (turn !== state.turn) return;
        if (told.state === 'ready') return show(told);
        fill(found, sentence(t('compare.working', { seconds: Math.round((performance.now() - began) / 1000) }), 'waiting'));
        await new Promise((done) => { setTimeout(done, WAIT); });
      }
    } catch (error) {
      if (error.name !== 'AbortError' && turn === state.turn) fill(found, sentence(error.message, 'failed'));
    }
  }

  function show(told) {
    const rows = told.rows.map((row) => ({ ...row, title: titled(row) }));
    const about = t(told.unseen ? 'compare.unseen' : 'compare.measured', { n: count(told.items) });
    fill(found, el('div', { class: 'part' }, el('p', { class: 'sentence' }, about), table(told, rows),
      told.notes.map((text) => sentence(text, 'compare-note')),
      el('div', { class: 'bar' }, el('button', { type: 'button', class: 'quiet', onclick: () => download(told, rows) }, t('anomalies.download'))),
      el('details', {}, el('summary', {}, t('compare.says')), el('dl', { class: 'meanings' }, told.columns.map((key) => [el('dt', {}, t(`measure.${key}`)), el('dd', {}, t(`meaning.${key}`))])))),
    side(told, rows, 'restored'), side(told, rows, 'drawn'));
  }

  fill(list, ready.map(({ id, model, kind }) => el('label', { 'data-run': id }, el('input', { type: 'checkbox', checked: begun.includes(id), onchange: (event) => {
    const one = ready.find((entry) => entry.id === id);
    state.runs = event.target.checked ? [...state.runs, one] : state.runs.filter((entry) => entry !== one);
    ticked();
  } }), el('span', {}, id), el('small', {}, `${model} · ${t(`kind.${kind}`)}`))));
  fill(root, section(t('compare.runs'), list), el('div', { class: 'bar compare-bar' }, el('label', {}, t('compare.on'), on), el('label', {}, t('compare.odd'), odd), start), found);
  ticked();
  if (state.runs.length && asked.length) {
    state.on = asked.find((id) => state.runs.some((one) => one.id === id)) ?? state.on;
    await ticked(); // with labels to choose from
    await compare();
  }
}

// Baselines are named in the page's language, runs as they are.
const titled = ({ kind, name, numbers }) => {
  if (kind === 'PCA') return t('row.pca', { n: numbers.latent });
  return kind === 'untrained' ? t('row.untrained', { run: name.replace(/ untrained$/, '') }) : name;
};

function cell(key, value) {
  if (value === null) return '–';
  const digits = WHOLE.has(key) ? 0 : Math.abs(value) < 10 ? 3 : 1;
  return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace('-', '−');
}

// Sorted by the column whose head is pressed, the greatest first, then the least.
function table({ columns }, rows) {
  const body = el('tbody');
  const order = { key: null, down: false };
  const value = (row, key) => (key === '' ? row.title : row.numbers[key]);
  const less = (a, b) => (typeof a === 'string' ? a.localeCompare(b) : a - b);

  function sort(key) {
    Object.assign(order, { key, down: order.key === key ? !order.down : key !== '' });
    const sorted = [...rows].sort((a, b) => {
      const [x, y] = [value(a, key), value(b, key)];
      if (x === null || y === null) return (x === null) - (y === null);
      return order.down ? less(y, x) : less(x, y);
    });
    for (const head of heads) head.setAttribute('aria-sort', head.dataset.key !== key ? 'none' : order.down ? 'descending' : 'ascending');
    list(sorted);
  }

  function list(sorted) {
    fill(body, sorted.map((row) => el('tr', { class: row.kind === 'model' ? '' : 'is-baseline' },
      el('th', { scope: 'row' }, row.title),
      columns.map((key) => el('td', { class: row.best.includes(key) ? 'numeric best' : 'numeric' }, cell(key, row.numbers[key]))))));
  }

  const heads = ['', ...columns].map((key) => el('th', { scope: 'col', 'data-key': key, 'aria-sort': 'none', title: key && t(`meaning.${key}`) },
    el('button', { type: 'button', onclick: () => sort(key) }, key ? t(`measure.${key}`) : t('compare.model'))));
  list(rows);
  return el('div', { class: 'scroll', tabindex: 0 }, el('table', { class: 'rows compared' }, el('thead', {}, el('tr', {}, heads)), body));
}

// What each makes: pictures in rows, else one item at a time with all versions of it.
function side({ kind, shown }, rows, what) {
  const made = rows.filter((row) => row[what]?.length).map((row) => [row.title, row[what]]);
  if (!made.length) return null;
  if (what === 'restored') made.unshift([t('compare.original'), shown.items]);
  if (kind === 'image') {
    const named = (name, i) => (what === 'restored' ? `${name}, ${shown.names[i]}` : name);
    const lines = made.map(([name, items]) => el('tr', {}, el('th', { scope: 'row' }, name),
      items.map((item, i) => el('td', {}, whole(item, { alt: named(name, i) })))));
    return section(t(`compare.${what}`), el('div', { class: 'scroll', tabindex: 0 }, el('table', { class: 'rows side' }, el('tbody', {}, lines))));
  }
  const holder = el('div', { class: 'scroll', tabindex: 0 });
  const numbers = made[0][1].map((_, i) => [i, i + 1]);
  const pick = (i) => fill(holder, versions(kind, made.map(([name, items]) => [name, items[i]])));
  pick(0);
  return section(t(`compare.${what}`), el('div', { class: 'bar' }, el('span', { class: 'found' }, t('compare.item')), choice(numbers, 0, pick)), holder);
}

// One item as each makes it: texts in lines, rows of a table by column.
function versions(kind, made) {
  if (kind !== 'table') {
    return el('table', { class: 'cells side-texts' }, el('tbody', {}, made.map(([name, text]) => el('tr', {}, el('th', { scope: 'row' }, name), el('td', {}, whole(text))))));
  }
  const shown = (value) => (value === null || value === undefined ? t('item.missing') : typeof value === 'number' ? number(value) : String(value));
  const head = el('thead', {}, el('tr', {}, ['', ...made.map(([name]) => name)].map((name) => el('th', { scope: 'col' }, name))));
  return el('table', { class: 'cells side-rows' }, head, el('tbody', {}, Object.keys(made[0][1]).map((column) => (
    el('tr', {}, el('th', { scope: 'row' }, column), made.map(([, item]) => el('td', {}, shown(item[column]))))))));
}

function download({ columns }, rows) {
  save(fileName(rows[0].name, 'comparison', 'csv'), csv([['name', 'kind', ...columns], ...rows.map(({ name, kind, numbers }) => [name, kind, ...columns.map((key) => numbers[key])])]));
}
