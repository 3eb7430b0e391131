// The questions the console asks before it acts. One native dialog, which traps focus and gives it back.

import { html, nothing } from './lit.js';
import * as api from './api.js';
import * as format from './format.js';
import { cross } from './icons.js';

const CONTENT_TYPES = ['application/json', 'text/plain', 'application/octet-stream'];

/**
 * The open question, if any. `ask` shows one: { title, fields, confirm, danger, words, act }; `act` gets the form's
 * values and may throw, which keeps the dialog and shows why.
 */
export class Dialogs {
  question = null;
  problem = null;
  busy = false;

  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  ask(question) {
    this.question = question;
    this.problem = null;
    this.busy = false;
    this.#changed();
  }

  dismiss() {
    this.question = null;
    this.#changed();
  }

  async submit(form) {
    if (this.busy) return;
    this.busy = true;
    this.problem = null;
    this.#changed();
    try {
      await this.question.act(Object.fromEntries(new FormData(form)));
      this.question = null;
    } catch (failure) {
      this.problem = failure.message;
    }
    this.busy = false;
    this.#changed();
  }

  rendered(root) {
    const dialog = root.querySelector('dialog');
    if (this.question && !dialog.open) {
      dialog.showModal();
      dialog.querySelector('[autofocus]')?.select?.();
    } else if (!this.question && dialog.open) {
      dialog.close();
    }
  }
}

export function dialogView(dialogs) {
  const q = dialogs.question;
  return html`<dialog aria-labelledby="dialog-title" @close=${() => dialogs.question && dialogs.dismiss()}>
    ${q === null ? nothing : html`<form @submit=${(e) => (e.preventDefault(), dialogs.submit(e.currentTarget))}>
      <div class="dialog-head"><h2 id="dialog-title">${q.title}</h2>
        <button type="button" class="ghost" aria-label="Leave it" @click=${() => dialogs.dismiss()}>${cross}</button></div>
      ${q.words ? html`<p>${q.words}</p>` : nothing}
      ${q.fields ?? nothing}
      ${dialogs.problem ? html`<p class="problem" role="alert">${dialogs.problem}</p>` : nothing}
      <div class="dialog-foot">
        <button type="button" ?autofocus=${q.danger} @click=${() => dialogs.dismiss()}>Cancel</button>
        <button type="submit" id="confirm" class=${q.danger ? 'danger solid' : 'primary'} ?disabled=${dialogs.busy}>${q.confirm}</button>
      </div>
    </form>`}
  </dialog>`;
}

const pathField = (label, value) => html`<label class="stacked"><span>${label}</span>
  <input name="path" required autofocus autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="1024" placeholder="chat/lobby" .defaultValue=${value}></label>`;

export const createQuestion = (path, done) => ({
  title: 'New stream',
  confirm: 'Create',
  fields: html`
    ${pathField('Path', path)}
    <label class="stacked"><span>Content type</span>
      <input name="type" required list="content-types" autocomplete="off" spellcheck="false" .defaultValue=${CONTENT_TYPES[0]}>
      <datalist id="content-types">${CONTENT_TYPES.map((t) => html`<option value=${t}></option>`)}</datalist>
      <small>JSON keeps messages apart and checks them; any other type is stored as it comes.</small></label>
    <label class="stacked"><span>Delete when idle for <em>(seconds, optional)</em></span>
      <input name="ttl" type="number" min="1" step="1" inputmode="numeric" placeholder="never"></label>`,
  async act({ path: chosen, type, ttl }) {
    if (await api.exists(chosen.trim())) throw new Error(`${chosen.trim()} exists already.`);
    await api.create(chosen.trim(), type.trim(), ttl);
    done(chosen.trim());
  },
});

export const forkQuestion = (source, position, token, done) => ({
  title: 'Fork here',
  confirm: 'Fork',
  words: `The new stream has the first ${format.plural(position, 'message')} of ${source} in common with it, and goes its own way from there. Nothing is copied.`,
  fields: pathField('Path of the fork', `${source}-fork-${position}`),
  async act({ path }) {
    if (await api.exists(path.trim())) throw new Error(`${path.trim()} exists already.`);
    await api.fork(path.trim(), source, token);
    done(path.trim());
  },
});

export const closeQuestion = (path, done) => ({
  title: 'Close this stream?',
  confirm: 'Close for good',
  danger: true,
  words: `${path} takes no more messages, for good, and its followers are told that this was all. What is in it stays readable.`,
  async act() {
    await api.close(path);
    done();
  },
});

export const deleteQuestion = (path, done) => ({
  title: 'Delete this stream?',
  confirm: 'Delete',
  danger: true,
  words: `${path} and its messages are gone for everyone who follows it. Forks of it keep the past they share.`,
  async act() {
    await api.remove(path);
    done();
  },
});

export const disconnectQuestion = (namespace, socket, done) => ({
  title: 'Disconnect this socket?',
  confirm: 'Disconnect',
  danger: true,
  words: `${socket.user ?? socket.id} leaves ${namespace} and its rooms there. Stock clients do not come back by themselves.`,
  fields: html`<label class="check"><input type="checkbox" name="close"><span>Close its connection too, with its other namespaces</span></label>`,
  async act({ close }) {
    await api.disconnect(namespace, socket.id, close === 'on');
    done();
  },
});

export const tokenQuestion = (done) => ({
  title: 'Token',
  confirm: 'Use it',
  words: 'A bearer token that this server accepts. It is kept for this tab alone and forgotten when the tab closes. Leave it empty to forget it now.',
  fields: html`<label class="stacked"><span>Bearer token</span>
    <input name="token" type="password" autofocus autocomplete="off" spellcheck="false" .defaultValue=${api.token.get()}></label>`,
  act({ token }) {
    api.token.set(token.trim());
    done();
  },
});
