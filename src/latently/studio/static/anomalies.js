// Anomalies: how normal all items are, a threshold to drag, the oddest first, and where each went wrong.
import { address, ask, count, el, fill, Latest, number, percent, place, remember, section, sentence, t, whole } from './kit.js';
import { small } from './gallery.js';
import { reasons } from './reasons.js';
import { Histogram } from './histogram.js';
import { csv, fileName, save } from './saving.js';
import { overTime } from './lines.js';

const FIRST = 60; // of the ranking that are shown at once
const USUAL = 0.01; // rate, where as small a one can be kept
const MOST_RATE = 0.999999; // that is asked for: all of them is no rate of false alarms

export default async function open(root, { run, about, signal }) {
  if (about.data.reason) return fill(root, sentence(about.data.reason));
  const answer = await ask(address(run, 'scores'), undefined, { signal, raw: true });
  const numbers = new Float32Array(await answer.arrayBuffer());
  const n = about.data.items;
  const [scores, p, held] = [numbers.subarray(0, n), numbers.subarray(n, 2 * n), numbers.subarray(2 * n)];
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b]);
  const rising = Float32Array.from(scores).sort();
  const state = { rate: Number(place('rate')) || USUAL, shown: FIRST, row: place('item') === null ? null : Number(place('item')) };

  const told = el('p', { class: 'verdict', role: 'status' });
  const ranking = el('div', { class: about.kind === 'image' ? 'wall small wide' : 'lines' });
  const detail = el('article', { class: 'detail' });
  const [listing, looking, timing] = [new Latest(), new Latest(), new Latest()];

  // A threshold is a score; the share of held-out, normal items below it is the rate of false alarms.
  const below = (sorted, value) => { let [a, b] = [0, sorted.length]; while (a < b) { const m = (a + b) >> 1; if (sorted[m] < value) a = m + 1; else b = m; } return a; };
  const rateOf = (value) => (1 + below(held, value)) / (1 + held.length);
  const scoreOf = (rate) => held[Math.min(held.length - 1, Math.max(0, Math.floor(rate * (held.length + 1)) - 1))];

  const histogram = new Histogram({ scores, held, label: t('anomalies.threshold'), axis: t('anomalies.score'), drag: (value) => { fill(refused); threshold(value); } });
  const least = rateOf(-Infinity);
  const refused = el('div');
  const input = el('input', { type: 'number', min: 0, max: 100, step: 'any', onchange: () => {
    const share = input.valueAsNumber / 100;
    const kept = share >= Number(least.toPrecision(3)) && share < 1;
    fill(refused, !kept && sentence(t('anomalies.allowed', { least: percent(least), n: count(held.length) }), 'failed'));
    if (share > 0 && share < 1) threshold(scoreOf(share));
    else input.value = written(state.rate);
  } });
  const written = (rate) => Number((100 * rate).toPrecision(3));

  function threshold(value) {
    const rate = rateOf(value);
    state.rate = rate;
    input.value = written(rate);
    state.flagged = below(rising, value);
    told.textContent = t('anomalies.flagged', { n: count(state.flagged), all: count(n), rate: percent(rate) });
    histogram.set(value);
    remember({ rate: rate.toPrecision(4) });
    if (about.kind === 'series') timed(rate);
    marked();
  }

  function marked() {
    ranking.querySelectorAll('[data-row]').forEach((one, i) => {
      one.classList.toggle('is-odd', i < state.flagged);
      one.classList.toggle('is-here', Number(one.dataset.row) === state.row);
    });
  }

  // Of a series: the stretches of time that are odd at this rate.
  const times = el('div', { class: 'times' }, sentence(t('shell.loading'), 'waiting'));
  function timed(rate) {
    const asked = Math.min(rate, MOST_RATE);
    timing.ask(() => ask(`${address(run, 'ranges')}?rate=${asked}`, undefined, { signal }), (found) => {
      const said = found.of ? t('series.ranges', { n: count(found.of) }) : t('series.none');
      fill(times, sentence([said, found.left > 0 && t('series.left', { n: found.left })].filter(Boolean).join(' ')), overTime(found, show));
    }, (error) => fill(times, sentence(error.message, 'failed')));
  }

  function list() {
    const rows = Array.from(order.subarray(0, state.shown));
    listing.ask(() => ask(`${address(run, 'briefs')}?rows=${rows.join(',')}`, undefined, { signal }), ({ items }) => {
      fill(ranking, small(run, about.kind, items, show, ({ row }) => el('small', {}, about.kind === 'image' ? number(p[row]) : t('anomalies.p', { p: number(p[row]) }))));
      marked();
    }, (error) => fill(ranking, sentence(error.message, 'failed')));
  }

  function show(row) {
    state.row = row;
    remember({ item: row });
    marked();
    looking.ask(() => Promise.all([
      ask(address(run, `item/${row}`), undefined, { signal }), ask(address(run, `where/${row}`), undefined, { signal }),
    ]), ([item, where]) => {
      const place = order.indexOf(row) + 1;
      fill(detail, el('h1', {}, item.name, item.label === null ? null : el('span', { class: 'label' }, item.label)),
        el('p', { class: item.p_value <= state.rate ? 'verdict odd' : 'verdict' }, t('anomalies.place', { place: count(place), score: number(item.score), p: number(item.p_value) })),
        about.kind === 'image' && item.restored ? el('div', { class: 'trio' },
          el('figure', {}, el('figcaption', {}, t('item.original')), whole(item.item, { alt: item.name })),
          el('figure', {}, el('figcaption', {}, t('item.restored')), whole(item.restored, { alt: '' })),
          el('figure', {}, el('figcaption', {}, t('anomalies.where')), whole(item.item, { alt: '', over: where.heat })))
          : [about.kind === 'text' && whole(item.item), section(t('anomalies.where'), reasons(about, item, where))],
        about.kind === 'image' && sentence(where.why ? t('where.picture', { why: where.why }) : t('where.nothing')));
    }, (error) => fill(detail, sentence(error.message, 'failed')));
  }

  const more = el('button', { type: 'button', class: 'quiet', onclick: () => { state.shown = Math.min(n, 500, state.shown + FIRST); more.hidden = state.shown >= Math.min(n, 500); list(); } }, t('anomalies.more'));
  more.hidden = n <= FIRST;
  const saving = el('button', { type: 'button', class: 'quiet', onclick: () => download(run, order, scores, p) }, t('anomalies.download'));
  fill(root,
    el('div', { class: 'bar' }, el('label', {}, t('anomalies.rate'), input, '%'), saving), refused,
    section(t('anomalies.histogram'), histogram.element, told),
    about.kind === 'series' && section(t('series.when'), times),
    el('div', { class: 'split odd-split' }, section(t('anomalies.oddest'), ranking, more), detail));
  threshold(scoreOf(state.rate));
  list();
  show(state.row ?? order[0]);
}

function download(run, order, scores, p) {
  const rows = Array.from(order, (row, i) => [i + 1, row, scores[row], p[row]]);
  save(fileName(run, 'anomalies', 'csv'), csv([['rank', 'row', 'score', 'p_value'], ...rows]));
}
