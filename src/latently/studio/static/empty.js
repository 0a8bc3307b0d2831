// A folder without runs: what a run is, and a first one to make.
import { ask, el, fill, sentence, t } from './kit.js';

export default function open(root, { signal }) {
  const said = el('div', { 'aria-live': 'polite' });
  const button = el('button', { type: 'button', class: 'main', onclick: train }, t('empty.demo'));

  async function train() {
    button.disabled = true;
    fill(said, sentence(t('empty.working'), 'waiting'));
    try {
      const { run } = await ask('/api/demo', {}, { signal });
      for (;;) {
        await new Promise((done) => { setTimeout(done, 1000); });
        const { state, running, reason, done, epochs } = await ask(`/api/trainings/${run}`, undefined, { signal });
        if (running) fill(said, sentence(t('empty.working'), 'waiting'), el('progress', { max: epochs || 1, value: done }));
        else if (state === 'ready') return location.assign(`/items?${new URLSearchParams({ run })}`);
        else throw new Error(reason || t('error.unknown', { status: '–' }));
      }
    } catch (error) {
      if (error.name === 'AbortError') return;
      fill(said, sentence(t('empty.failed', { why: error.message }), 'failed'));
      button.disabled = false;
    }
  }

  fill(root, el('div', { class: 'studio-empty' }, el('h1', {}, t('empty.title')), el('p', {}, t('empty.text')), button, said, el('code', { class: 'studio-code' }, 'latently fit photos/ --out runs/photos')));
}
