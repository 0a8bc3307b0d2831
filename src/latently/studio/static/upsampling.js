// The four upsamplings on a small grid, cell by cell: of which numbers each number of the output is made.
import { ask, choice, el, fill, number, place, remember, t } from './kit.js';

const EVERY = 700; // milliseconds a cell, where it plays

export async function upsampling(signal) {
  const { picture, pooled, stood, kernel, ways } = await ask('/api/upsamplings', undefined, { signal });
  const state = { way: ways.find(({ name }) => name === place('way')) ?? ways[0], at: 0, timer: null };
  const [stage, sum] = [el('div', { class: 'enlarge-stage' }), el('p', { class: 'enlarge-sum', role: 'status' })];
  const said = el('p', { class: 'sentence' });
  const cells = () => state.way.output.length * state.way.output[0].length;
  const slider = el('input', { type: 'range', min: 0, step: 1, 'aria-label': t('enlarge.cell'), oninput: () => turn(Number(slider.value)) });
  const step = (by, sign, name) => el('button', { type: 'button', class: 'quiet', 'aria-label': t(name), onclick: () => { stop(); turn((state.at + by + cells()) % cells()); } }, sign);
  const play = el('button', { type: 'button', class: 'quiet', onclick: () => (state.timer ? stop() : start()) }, t('enlarge.play'));

  function start() {
    play.textContent = t('enlarge.pause');
    state.timer = setInterval(() => turn((state.at + 1) % cells()), EVERY);
  }
  function stop() {
    clearInterval(state.timer);
    state.timer = null;
    play.textContent = t('enlarge.play');
  }
  signal.addEventListener('abort', stop);

  function turn(at) {
    state.at = at;
    const { name, output, terms } = state.way;
    const across = output[0].length;
    const [row, column] = [Math.floor(at / across), at % across];
    const used = terms[row][column];
    const reads = used.map(({ at: [r, c] }) => `${r} ${c}`);
    slider.max = cells() - 1;
    slider.value = at;
    const remembered = stood.map(([r, c]) => `${r} ${c}`);
    fill(stage,
      name === 'unpool' && grid(t('enlarge.picture'), picture, (r, c) => (remembered.includes(`${r} ${c}`) ? 'stood' : '')),
      grid(t('enlarge.small'), pooled, (r, c) => (reads.includes(`${r} ${c}`) ? 'reads' : '')),
      name === 'transposed' && grid(t('enlarge.kernel'), kernel, (r, c) => (used.some(({ at: [i, j] }) => taken(row, column, i, j, r, c)) ? 'reads' : '')),
      el('span', { class: 'enlarge-arrow', 'aria-hidden': 'true' }, '→'),
      grid(t('enlarge.large'), output, (r, c) => (r === row && c === column ? 'made' : r * across + c > at ? 'later' : ''), (r, c) => { stop(); turn(r * across + c); }));
    sum.textContent = arithmetic(used.map(({ at: [r, c], weight }) => [pooled[r][c], weight]), output[row][column]);
  }

  // A cell (i, j) of the small grid reaches (row, column) by the kernel's cell (r, c): of stride 2, from one cell before.
  const taken = (row, column, i, j, r, c) => r === row - 2 * i + shift && c === column - 2 * j + shift;
  const shift = offset(ways.find(({ name }) => name === 'transposed'), kernel);

  const way = choice(ways.map(({ name }) => [name, t(`enlarge.${name}`)]), state.way.name, (name) => {
    stop();
    state.way = ways.find((one) => one.name === name);
    remember({ way: name });
    said.textContent = t(`about.${name}`);
    turn(0);
  });
  said.textContent = t(`about.${state.way.name}`);
  turn(0);
  return el('div', { class: 'enlarge' }, el('div', { class: 'bar' }, way), said, stage, sum,
    el('div', { class: 'bar' }, step(-1, '←', 'enlarge.back'), step(1, '→', 'enlarge.next'), play, el('span', { class: 'enlarge-slider' }, slider)));
}

// Which of the kernel's cells stands over a cell's own place, by the heaviest of what the first cell reaches.
function offset({ terms }, kernel) {
  for (let shift = 0; shift < kernel.length; shift++) {
    const fits = terms.every((line, row) => line.every((cell, column) => cell.every(({ at: [i, j], weight }) => kernel[row - 2 * i + shift]?.[column - 2 * j + shift] === weight)));
    if (fits) return shift;
  }
  return 0;
}

function arithmetic(terms, total) {
  if (!terms.length) return `${t('enlarge.nothing')} = ${number(total)}`;
  const parts = terms.map(([value, weight]) => (weight === 1 ? number(value) : `${number(value)} × ${number(weight)}`));
  return parts.length === 1 && terms[0][1] === 1 ? `${number(total)}` : `${parts.join(' + ')} = ${number(total)}`;
}

function grid(name, numbers, mark, pick = null) {
  const rows = numbers.map((line, r) => line.map((value, c) => {
    const kind = `enlarge-cell ${mark(r, c)}`;
    return pick ? el('button', { type: 'button', class: kind, onclick: () => pick(r, c) }, number(value)) : el('span', { class: kind }, number(value));
  }));
  return el('figure', { class: 'enlarge-grid' }, el('figcaption', {}, name), el('div', { class: 'enlarge-cells', style: { gridTemplateColumns: `repeat(${numbers[0].length}, 40px)` } }, rows));
}
