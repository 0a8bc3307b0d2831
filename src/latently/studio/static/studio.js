// A room is an element: <latent-room name="items" run="digits"> asks what the run is and hands over to the room's module.
import { address, ask, el, fill, sentence, t } from './kit.js';
import { measured } from './lines.js';

const DAYS = 365 * 24 * 3600;
const keep = (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=${DAYS}; SameSite=Strict`; };

const spoken = new URL(location.href).searchParams.get('lang');
if (spoken) keep('latently-language', spoken.replace(/\W/g, ''));

window.studioTheme = () => {
  const dark = !document.body.classList.contains('body--dark');
  window.Quasar.Dark.set(dark);
  keep('latently-theme', dark ? 'dark' : 'light');
};

class LatentRoom extends HTMLElement {
  #left = new AbortController();

  async connectedCallback() {
    await Promise.resolve(); // attributes are there once the element is placed
    const [name, run] = [this.getAttribute('name'), this.getAttribute('run')];
    if (!/^[a-z]+$/.test(name)) return;
    const root = el('div', { class: `room room-${name}` }, sentence(t('shell.loading'), 'waiting'));
    fill(this, root);
    try {
      const [room, about] = await Promise.all([import(`./${name}.js`), run ? ask(address(run), undefined, { signal: this.#left.signal }) : null]);
      fill(root);
      if (about) measured(about);
      await room.default(root, { run, about, signal: this.#left.signal });
      this.dataset.ready = 'yes';
    } catch (error) {
      if (error.name === 'AbortError') return;
      fill(root, sentence(error.message, 'failed'));
      this.dataset.ready = 'failed';
    }
  }

  disconnectedCallback() {
    this.#left.abort();
  }
}

customElements.define('latent-room', LatentRoom);
