// Several runs beside each other: their curves in one frame, their best losses, and the settings in which they differ.
import { cell, el, number, section, t } from './kit.js';
import { overlaid } from './curves.js';

export const INKS = 10;

export const best = (events) => events.filter((event) => event.best).at(-1);
const loss = (event) => event && ((event.validation ?? event.train).loss ?? event.train.loss);

// Trainings as the server tells them, each with the number of its colour.
export function beside(trainings) {
  const runs = trainings.map((one, ink) => ({ ...one, ink: ink % INKS }));
  const names = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))];
  const said = (value) => (value === null || value === undefined ? t('train.auto') : typeof value === 'boolean' ? String(value) : cell(value));
  const differing = names.filter((name) => new Set(runs.map(({ settings }) => JSON.stringify(settings[name] ?? null))).size > 1);
  const seconds = (events) => events.reduce((sum, event) => sum + event.seconds, 0);
  const facts = [
    [t('train.bestLoss'), ({ events }) => number(loss(best(events)) ?? NaN)],
    [t('train.bestEpoch'), ({ events }) => String(best(events)?.epoch ?? '–')],
    [t('train.seconds'), ({ events }) => number(seconds(events))],
    ...differing.map((name) => [name.replaceAll('_', ' '), ({ settings }) => said(settings[name])]),
  ];
  const least = Math.min(...runs.map(({ events }) => loss(best(events)) ?? Infinity));
  const head = el('tr', {}, el('th', {}), runs.map(({ run, ink }) => el('th', { scope: 'col' }, el('span', { class: `key ink-${ink}` }), run)));
  const rows = facts.map(([name, read], i) => el('tr', {}, el('th', { scope: 'row' }, name), runs.map((one) => el('td', { class: i === 0 && loss(best(one.events)) === least ? 'least' : '' }, read(one)))));
  return [overlaid(runs.filter(({ events }) => events.length)), section(t('train.differ'), el('div', { class: 'scroll' }, el('table', { class: 'rows differ' }, el('thead', {}, head), el('tbody', {}, rows))))];
}
