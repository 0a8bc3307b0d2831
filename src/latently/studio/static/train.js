// Train: a form made from the models' declarations, runs with their curves as they come, stop and resume.
import { ask, count, el, fill, language, Latest, number, place, remember, section, sentence, t } from './kit.js';
import { curves } from './curves.js';
import { Glimpses } from './glimpses.js';
import { beside, best, INKS } from './overlay.js';

const EVERY = 1000; // milliseconds between two looks at what is being trained
const ADVANCED = new Set(['encoder', 'decoder', 'likelihood', 'schedule', 'optimizer', 'clip', 'prior', 'false_alarms', 'seed', 'device', 'precision']);

export default async function open(root, { signal }) {
  const declared = await ask(`/api/declarations?${new URLSearchParams({ lang: language })}`, undefined, { signal });
  const state = { run: place('run'), models: declared.models, ticked: new Set((place('with') ?? '').split('|').filter(Boolean)) };
  const [list, told, below] = [el('div', { class: 'lines trainings' }), el('div'), el('div')];
  const detail = el('article', { class: 'detail' }, told, below);
  const [listing, looking] = [new Latest(), new Latest()];

  const refresh = () => listing.ask(() => ask('/api/trainings', undefined, { signal }), ({ trainings }) => {
    state.run ??= trainings[0]?.run ?? null;
    const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent : null;
    fill(list, trainings.length ? trainings.map(line) : sentence(t('train.none')));
    if (focused) [...list.querySelectorAll('input, button')].find((one) => (one.getAttribute('aria-label') ?? one.textContent) === focused)?.focus();
  }, (error) => { fill(list, sentence(error.message, 'failed')); if (told.textContent === error.message) fill(told); });

  function line({ run, model, state: stands, running, done, epochs }) {
    const word = running ? t('train.epoch', { done, epochs: epochs || '…' }) : t(stands === 'ready' ? 'train.done' : `state.${stands}`);
    const ticked = state.ticked.has(run);
    const tick = el('input', { type: 'checkbox', checked: ticked, 'aria-label': t('train.tick', { run }), title: t('train.tick', { run }), onchange: () => {
      tick.checked ? state.ticked.add(run) : state.ticked.delete(run);
      remember({ with: [...state.ticked].join('|') });
      refresh();
      look();
    } });
    return el('div', { class: `line${run === state.run ? ' is-here' : ''}${running ? ' is-running' : ''}` }, tick,
      ticked && el('span', { class: `key ink-${[...state.ticked].indexOf(run) % INKS}` }),
      el('button', { type: 'button', class: 'run-name', 'aria-current': run === state.run ? 'true' : null, onclick: () => choose(run) },
        el('span', { class: 'face' }, run), el('small', {}, [model, word].filter(Boolean).join(' · '))));
  }

  function choose(run) {
    state.run = run;
    remember({ run });
    if (state.glimpsed && state.glimpsed.run !== run) unglimpsed();
    refresh();
    look();
  }

  const path = (run, verb = '') => `/api/trainings/${run.split('/').map(encodeURIComponent).join('/')}${verb && `/${verb}`}`;
  const unglimpsed = () => { fill(below); state.glimpsed = null; };
  const failed = (error) => {
    if (list.textContent === error.message) return; // it is said already
    fill(told, sentence(error.message, 'failed'));
    unglimpsed();
  };
  function look() {
    if (state.ticked.size > 1) {
      unglimpsed();
      return looking.ask(() => Promise.all([...state.ticked].map((run) => ask(path(run), undefined, { signal }))), (trainings) => fill(told, el('h1', {}, t('train.beside', { n: trainings.length })), beside(trainings)), failed);
    }
    if (state.run) looking.ask(() => ask(path(state.run), undefined, { signal }), (training) => { fill(told, shown(training)); glimpsed(training); }, failed);
  }

  // Of a run at work the newest glimpse is looked for; of another one what it has kept, once.
  function glimpsed({ run, running, events }) {
    if (state.ticked.size > 1) return;
    if (!events.length) return unglimpsed(); // it has yet to begin, also under a name that another one had
    if (state.glimpsed?.run !== run) {
      state.glimpsed = { run, view: new Glimpses(path(run, 'glimpses'), signal), seen: false };
      fill(below, state.glimpsed.view.element);
    }
    if (running || !state.glimpsed.seen) state.glimpsed.view.update();
    state.glimpsed.seen = !running;
  }

  function shown({ run, model, state: stands, running, events, reason, notes, done, epochs }) {
    const act = (verb, body = {}) => async (event) => {
      event.target.disabled = true;
      try {
        await ask(path(run, verb), body, { signal });
      } catch (error) {
        if (error.name !== 'AbortError') told.prepend(sentence(error.message, 'failed'));
      }
      refresh();
    };
    const further = state.further ??= el('input', { type: 'number', min: 1, 'aria-label': t('train.epochs') });
    if (document.activeElement !== further) further.value = Math.max(epochs, done) + (stands === 'ready' ? 20 : 0) || '';
    const kept = best(events);
    return [
      el('h1', {}, run, model && el('span', { class: 'label' }, model)),
      reason && !running && sentence(reason, 'failed'),
      stands === 'interrupted' && model && sentence(t('train.interrupted')),
      running && el('progress', { max: epochs || 1, value: done, 'aria-label': t('train.epoch', { done, epochs }) }),
      kept && el('p', { class: 'verdict' }, t('train.best', { epoch: count(kept.epoch), loss: number((kept.validation ?? kept.train).loss ?? kept.train.loss) })),
      notes.map((note) => sentence(note)),
      events.length ? curves(events) : running && sentence(t('train.preparing'), 'waiting'),
      el('div', { class: 'bar' },
        running && el('button', { type: 'button', class: 'quiet', onclick: act('stop') }, t('train.stop')),
        !running && model && el('button', { type: 'button', class: 'quiet', onclick: (event) => act('resume', { epochs: further.valueAsNumber || null })(event) }, t('train.resume')),
        !running && model && el('label', {}, t('train.to'), further, t('train.epochs')),
        stands === 'ready' && !running && el('a', { class: 'look', href: `/items?${new URLSearchParams({ run })}` }, t('train.look'))),
    ];
  }

  fill(root, el('div', { class: 'split' }, el('div', {}, await form(state, signal, (run) => choose(run)), section(t('train.runs'), list)), detail));
  refresh();
  look();
  const timer = setInterval(() => { if (!document.hidden) { refresh(); look(); } }, EVERY);
  signal.addEventListener('abort', () => clearInterval(timer));
}

// ---- the form

async function form(state, signal, started) {
  const said = el('div', { 'aria-live': 'polite' });
  const [data, model, label] = [el('select', { onchange: () => looked() }), el('select', { onchange: () => settings() }), el('select')];
  const labelled = el('label', { class: 'field', hidden: true }, el('span', {}, t('train.label')), label);
  const [time, apart] = [el('select', { onchange: () => looked(true) }), el('select', { onchange: () => looked(true) })];
  const [window_, step] = ['auto', 1].map((usual) => el('input', { type: 'number', min: usual === 1 ? 1 : 2, step: 1, placeholder: usual === 1 ? '1' : t('train.auto'), onchange: () => looked(true) }));
  const cut = el('div', { class: 'fields', hidden: true }, [['window', window_], ['step', step], ['series', apart]].map(([key, input]) => el('label', { class: 'field' }, el('span', {}, t(`cut.${key}`)), input, el('small', {}, t(`cut.${key}Help`)))));
  const timed = el('label', { class: 'field', hidden: true }, el('span', {}, t('cut.time')), time);
  for (const [key, input] of Object.entries({ time, window: window_, step, series: apart })) input.dataset.cut = key;
  const ROWS = 'as they stand'; // the value of windows without a column of times
  const reading = () => (timed.hidden || !time.value ? null : Object.fromEntries(Object.entries({ time: time.selectedIndex === time.options.length - 1 ? null : time.value, window: window_.valueAsNumber || (time.selectedIndex === time.options.length - 1 ? 24 : null), step: step.valueAsNumber || null, series: apart.value || null }).filter(([, value]) => value !== null)));
  const name = el('input', { type: 'text', maxlength: 80, oninput: () => { name.dataset.own = 'yes'; } });
  const [few, many] = [el('div', { class: 'fields' }), el('div', { class: 'fields' })];
  const summary = el('small', { class: 'note' });
  const file = el('input', { type: 'file', multiple: true, class: 'file', 'aria-label': t('train.upload'), onchange: () => bring([...file.files]) });

  async function listed(chosen) {
    const { data: known } = await ask('/api/data', undefined, { signal });
    fill(data, el('option', { value: '' }, t('train.choose')), known.map((one) => el('option', { value: one.data, title: one.data, selected: one.data === chosen }, one.name)));
    if (chosen) await looked();
  }

  let looks = 0;
  let faulty = ''; // why the chosen data cannot be read
  async function looked(again = false) {
    summary.textContent = '';
    faulty = '';
    if (!again) for (const one of [labelled, timed, cut]) one.hidden = true;
    const turn = ++looks;
    if (!data.value) return;
    try {
      const found = await ask(`/api/look?${new URLSearchParams({ data: data.value, ...(again ? reading() : {}) })}`, undefined, { signal });
      if (turn !== looks) return; // other data were chosen meanwhile
      fill(said);
      summary.textContent = found.summary;
      if (!again) {
        timed.hidden = found.kind !== 'table' || !found.columns.length;
        const dates = [...found.dates, ...found.columns.filter((one) => !found.dates.includes(one))];
        fill(time, el('option', { value: '' }, t('cut.rows')), dates.map((one) => el('option', { value: one }, t('cut.by', { name: one }))), el('option', { value: ROWS }, t('cut.order')));
        fill(apart, el('option', { value: '' }, t('train.nolabel')), found.columns.map((one) => el('option', { value: one }, one)));
        window_.value = step.value = '';
      }
      cut.hidden = timed.hidden || !time.value;
      const fitting = state.models.filter(({ reads }) => reads.includes(found.kind));
      const before = model.value;
      fill(model, fitting.map((one) => el('option', { value: one.name, title: one.about }, one.name)));
      model.value = fitting.some((one) => one.name === before) ? before : fitting.some((one) => one.name === 'vae') ? 'vae' : fitting[0]?.name;
      labelled.hidden = found.kind !== 'table' || !found.columns.length;
      if (!again) fill(label, el('option', { value: '' }, t('train.nolabel')), found.columns.map((one) => el('option', { value: one }, one)));
      settings();
    } catch (error) {
      if (error.name === 'AbortError' || turn !== looks) return;
      faulty = error.message;
      fill(said, sentence(faulty, 'failed'));
    }
  }

  function settings() {
    const chosen = state.models.find((one) => one.name === model.value);
    if (!chosen) return;
    about.textContent = chosen.about;
    named();
    const hidden = (one) => ADVANCED.has(one.name);
    fill(few, chosen.params.filter((one) => !hidden(one)).map(field));
    fill(many, chosen.params.filter(hidden).map(field));
  }

  // A name that is free, where the person has written none.
  const naming = new Latest();
  function named() {
    if (name.dataset.own || !data.value) return;
    const like = `${data.selectedOptions[0].text.split('.')[0].slice(0, 200)}-${model.value}`;
    naming.ask(() => ask(`/api/name?${new URLSearchParams({ like })}`, undefined, { signal }), (free) => { if (!name.dataset.own) name.value = free.name; });
  }

  async function bring(files) {
    if (!files.length) return;
    const pictures = files.filter(({ type }) => type.startsWith('image/'));
    const folder = `pictures-${new Date().toISOString().slice(0, 19).replace(/[T:]/g, '-')}`;
    let last = null;
    const refused = [];
    for (const [i, one] of (pictures.length ? pictures : files).entries()) {
      fill(said, sentence(t('train.uploading', { done: i + 1, all: (pictures.length || files.length) }), 'waiting'));
      const name = pictures.length ? `${folder}/${one.name}` : one.name;
      try {
        const answer = await fetch(`/api/data/${name.split('/').map(encodeURIComponent).join('/')}`, { method: 'POST', body: one, signal });
        const told = await answer.json().catch(() => ({}));
        if (!answer.ok) throw new Error(told.error ?? t('error.unknown', { status: answer.status }));
        last = told.data;
      } catch (error) {
        if (error.name === 'AbortError') return;
        refused.push(error.message);
      }
    }
    fill(said, refused.slice(0, 3).map((why) => sentence(why, 'failed')));
    file.value = '';
    await listed(last);
  }

  let starting = false;
  async function start(event) {
    event.preventDefault();
    if (faulty) return fill(said, sentence(faulty, 'failed'));
    const params = Object.fromEntries([...few.querySelectorAll('[data-param]'), ...many.querySelectorAll('[data-param]')].map((input) => [input.dataset.param, given(input)]).filter(([, value]) => value !== undefined));
    if (starting) return; // one training for two clicks
    starting = true;
    try {
      const { run } = await ask('/api/trainings', { name: name.value, data: data.value, model: model.value, params, label: labelled.hidden ? null : label.value || null, reading: reading() }, { signal });
      fill(said);
      delete name.dataset.own;
      started(run);
      named();
    } catch (error) {
      if (error.name !== 'AbortError') fill(said, sentence(error.message, 'failed'));
    }
    starting = false;
  }

  const about = el('small', { class: 'note' });
  fill(model, state.models.map((one) => el('option', { value: one.name, title: one.about, selected: one.name === 'vae' }, one.name)));
  await listed(null);
  settings();
  const whole = el('form', { class: 'train-form', onsubmit: start },
    el('label', { class: 'field' }, el('span', {}, t('train.data')), data), timed, cut, summary,
    el('label', { class: 'field' }, el('span', {}, t('train.upload')), el('span', { class: 'files' }, file, el('span', { class: 'quiet', 'aria-hidden': 'true' }, t('train.files')))),
    el('label', { class: 'field' }, el('span', {}, t('train.model')), model), about, labelled,
    el('label', { class: 'field' }, el('span', {}, t('train.name')), name),
    el('details', {}, el('summary', {}, t('train.settings')), few, el('details', {}, el('summary', {}, t('train.more')), many)),
    said, el('button', { type: 'submit', class: 'main' }, t('train.start')));
  whole.addEventListener('invalid', ({ target }) => unfold(target), true); // a field in a fold could not say what is wrong
  return whole;
}

function unfold(field) {
  for (let fold = field.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
}

// A parameter as a field: its bounds, its choices and its help come from its declaration.
function field({ name, help, types, default: usual, low, high, choices }) {
  const numeric = types.some((type) => type === 'int' || type === 'float');
  const common = { 'data-param': name, 'data-types': types.join(' '), 'data-default': JSON.stringify(usual), title: help };
  let input;
  if (choices.length) input = el('select', common, choices.map((one) => el('option', { value: one, selected: one === usual }, one)));
  else if (types.includes('bool')) input = el('input', { ...common, type: 'checkbox', checked: usual });
  else input = el('input', { ...common, type: numeric && !types.includes('str') ? 'number' : 'text', step: types.includes('float') ? 'any' : 1, min: low, max: high, value: usual ?? '', placeholder: usual === null ? t('train.auto') : '' });
  return el('label', { class: 'field' }, el('span', {}, name.replaceAll('_', ' ')), input, el('small', {}, help));
}

// What a field says, where that is not what is usual.
function given(input) {
  const usual = JSON.parse(input.dataset.default);
  const text = input.type === 'checkbox' ? input.checked : input.value.trim();
  const value = input.type === 'number' ? (text === '' ? null : Number(text)) : text === '' ? null : text;
  return value === usual ? undefined : value;
}
