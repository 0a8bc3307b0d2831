// A language model at work: what comes next as one types, and a text that goes on writing as it streams.
import { address, ask, el, fill, Latest, percent, place, remember, section, sentence, t } from './kit.js';

export async function writing(root, { run, signal }) {
  const latest = new Latest();
  const next = el('ol', { class: 'next' });
  const text = el('blockquote', { class: 'text written', 'aria-live': 'polite' });
  let stop = null;

  const prompt = el('textarea', { rows: 3, 'aria-label': t('write.prompt'), placeholder: t('write.prompt'), oninput: () => guess() });
  prompt.value = place('prompt') ?? '';
  const temperature = el('input', { type: 'range', min: 0, max: 2, step: 0.05, value: 0.8, 'aria-label': t('write.temperature'), oninput: () => { told.textContent = temperature.value; } });
  const told = el('output', {}, temperature.value);
  const words = el('input', { type: 'number', min: 1, max: 2000, value: 60 });
  const button = el('button', { type: 'button', class: 'main', onclick: () => (stop ? stop.abort() : write()) }, t('write.write'));

  function guess() {
    remember({ prompt: prompt.value });
    latest.ask(() => ask(`${address(run, 'next')}?${new URLSearchParams({ prompt: prompt.value, k: 8 })}`, undefined, { signal }), ({ words: found }) => {
      const most = found[0]?.probability ?? 1;
      fill(next, found.map(({ word, probability }) => el('li', {}, el('button', { type: 'button', onclick: () => add(word) },
        el('span', { class: 'next-word' }, word === '<end>' ? t('write.end') : word),
        el('span', { class: 'next-bar' }, el('span', { style: { width: `${(100 * probability) / most}%` } })), el('small', {}, percent(probability))))));
    }, (error) => fill(next, sentence(error.message, 'failed')));
  }

  function add(word) {
    if (word === '<end>') return;
    prompt.value = `${prompt.value.replace(/\s+$/, '')}${/^[.,!?;:']/.test(word) || !prompt.value ? '' : ' '}${word}`;
    guess();
  }

  async function write() {
    stop = new AbortController();
    signal.addEventListener('abort', () => stop?.abort());
    button.textContent = t('write.stop');
    fill(text, el('span', { class: 'given' }, prompt.value));
    const added = text.appendChild(el('span', { class: 'added' }));
    try {
      const asked = { prompt: prompt.value, max_words: words.valueAsNumber || 60, temperature: temperature.valueAsNumber };
      const answer = await ask(address(run, 'write'), asked, { signal: stop.signal, raw: true });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) added.append(piece.value);
    } catch (error) {
      if (error.name !== 'AbortError') fill(text, sentence(error.message, 'failed'));
    }
    stop = null;
    button.textContent = t('write.write');
  }

  fill(root, el('div', { class: 'writing' },
    el('div', {}, prompt, el('div', { class: 'bar' }, button,
      el('label', {}, t('write.temperature'), temperature, told), el('label', {}, t('write.words'), words)), text),
    section(t('write.next'), next)));
  guess();
}
