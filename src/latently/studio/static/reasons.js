// Where an item is odd: heat over a picture, cells beside what was expected, words by what they cost.
import { cell, el, number, sentence, t, whole } from './kit.js';
import { lines } from './lines.js';

const PLAIN = 4.5; // nats from which a part is called odd

export function reasons(about, item, where) {
  if (about.kind === 'image') {
    return el('div', { class: 'heat' }, whole(item.item, { alt: t('item.where'), over: where.heat }), sentence(where.why ? t('where.picture', { why: where.why }) : t('where.nothing')));
  }
  if (about.kind === 'series') return steps(item, where);
  return about.kind === 'table' ? cells(where) : words(where);
}

function steps(item, { expected, surprise, why }) {
  return el('div', {}, lines(item.item, { beside: expected, odd: surprise, heads: [t('where.found'), t('where.expected')] }), sentence(why || t('where.nothing')));
}

function cells({ cells: given }) {
  const most = Math.max(PLAIN, ...given.map(({ surprise }) => surprise));
  const rows = [...given].sort((a, b) => b.surprise - a.surprise).map(({ name, found, expected, surprise }) => el('tr', {},
    el('th', { scope: 'row' }, name), el('td', {}, cell(found)), el('td', {}, cell(expected)),
    el('td', { class: 'surprise' }, el('span', { class: surprise >= PLAIN ? 'much' : '', style: { width: `${(100 * surprise) / most}%` } }), el('small', {}, number(surprise)))));
  const head = ['', t('where.found'), t('where.expected'), t('where.surprise')].map((name) => el('th', { scope: 'col' }, name));
  return el('table', { class: 'cells reasons' }, el('thead', {}, el('tr', {}, head)), el('tbody', {}, rows));
}

// Up to a quarter of a blind guess a word is as usual; from a whole guess on it is as odd as can be.
const strong = (share) => Math.min(1, Math.max(0, (share - 0.25) / 0.75)).toFixed(2);

function words({ words: given, guess }) {
  const spans = given.filter(({ word }) => word).map(({ word, cost }) => el('span', {
    class: 'word', title: t('where.cost', { n: number(Math.exp(cost)) }), style: { '--strong': strong(cost / guess) },
  }, word));
  return el('div', {}, el('p', { class: 'words' }, spans.flatMap((span) => [span, ' '])), sentence(t('where.words')));
}
