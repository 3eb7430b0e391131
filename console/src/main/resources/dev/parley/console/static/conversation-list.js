// The conversations of whoever looks: what they are called, what was said last, how much is unread.

import { html, nothing, repeat, live } from './lit.js';
import * as chat from './chat-api.js';
import * as format from './format.js';
import { archive, plus, search } from './icons.js';

const REFRESH_MS = 4000;

/** The list, refreshed while the page can be seen. */
export class ConversationList {
  lines = null;
  archived = false; // which of them are listed
  wanted = ''; // what their titles are searched for
  you = null;
  problem = null;

  #changed;
  #timer = null;
  #asked = 0;

  constructor(changed) {
    this.#changed = changed;
  }

  open() {
    this.load();
    this.#timer ??= setInterval(() => document.hidden || this.load(), REFRESH_MS);
  }

  end() {
    clearInterval(this.#timer);
    this.#timer = null;
  }

  async load() {
    const asked = ++this.#asked;
    try {
      const { conversations, you } = await chat.list(this.archived);
      if (asked !== this.#asked) return; // a newer question is under way
      this.lines = conversations;
      this.you = you ?? this.you;
      this.problem = null;
    } catch (failure) {
      if (asked !== this.#asked) return;
      this.problem = failure;
    }
    this.#changed();
  }

  show(archived) {
    this.archived = archived;
    this.lines = null;
    this.load();
  }

  search(words) {
    this.wanted = words;
    this.#changed();
  }

  get found() {
    const words = this.wanted.trim().toLocaleLowerCase();
    return (this.lines ?? []).filter((line) => (line.title || 'Untitled').toLocaleLowerCase().includes(words));
  }

  line(id) {
    return this.lines?.find((line) => line.id === id) ?? null;
  }

  get unread() {
    return (this.lines ?? []).reduce((sum, line) => sum + line.unread, 0);
  }
}

export const chatHref = (id, branch = 'main') => `#/chat/${encodeURIComponent(id)}${branch === 'main' ? '' : '/' + encodeURIComponent(branch)}`;

/** @param open id of the conversation that is on screen, null for none */
export function conversationListView(list, open, you, actions) {
  return html`<aside class="talks" aria-label="Conversations">
    <div class="talks-head">
      <a class="button primary" href="#/" id="new-conversation">${plus}<span>New conversation</span></a>
      <label class="search">
        <span class="visually-hidden">Search conversations by title</span>
        ${search}
        <input type="search" id="find" placeholder="Search titles" autocomplete="off" spellcheck="false" .value=${live(list.wanted)}
          @input=${(e) => list.search(e.target.value)} @keydown=${(e) => e.key === 'Enter' && list.found.length > 0 && actions.go(list.found[0].id)}>
        <kbd>Ctrl K</kbd>
      </label>
    </div>
    <ul class="talk-lines">
      ${list.lines === null ? nothing : repeat(list.found, (line) => line.id, (line) => lineView(line, line.id === open, you))}
    </ul>
    ${list.lines !== null && list.found.length === 0 ? html`<p class="note none">${emptiness(list)}</p>` : nothing}
    <div class="talks-foot">
      <button type="button" class="ghost" id="archived" aria-pressed=${list.archived} @click=${() => list.show(!list.archived)}>${archive}<span>${list.archived ? 'Back to the others' : 'Archived'}</span></button>
      ${actions.mayRename ? html`<button type="button" class="ghost you" id="you" @click=${actions.rename} title="The name others see"><span class="face small ${colour(you)}" aria-hidden="true">${initial(you)}</span><span>${you}</span></button>` : nothing}
    </div>
  </aside>`;
}

function emptiness(list) {
  if (list.wanted) return `No title has “${list.wanted.trim()}” in it.`;
  return list.archived ? 'Nothing is archived.' : 'No conversations yet. Say something, and the first one is here.';
}

function lineView(line, open, you) {
  const last = line.lastTurn;
  const who = last?.author.person === you ? 'You: ' : last?.author.person ? `${last.author.person}: ` : '';
  const now = Date.now();
  return html`<li><a href=${chatHref(line.id)} aria-current=${open ? 'page' : 'false'} data-id=${line.id}>
    <span class="line-title">${line.title || 'Untitled'}</span>
    <time datetime=${format.exact(line.at)}>${format.ago(line.at, now)}</time>
    <span class="line-last">${last ? who + plainly(last.preview) : 'Nothing said yet'}</span>
    ${line.unread > 0 && !open ? html`<b class="unread" aria-label="${line.unread} unread">${line.unread >= 999 ? '999+' : line.unread}</b>` : nothing}
  </a></li>`;
}

/** The beginning of a Markdown text without most of its marks. */
const plainly = (text) => text.replace(/[*_`#>|~]+/g, '').replace(/\s+/g, ' ').trim();

const TINTS = 8;
const dealt = new WeakMap(); // members to the tints they have among each other

/** A tint that a name has everywhere, but for the members of a conversation who would share one: they get the next free. */
export function colour(name, members = null) {
  if (members === null || !(name in members)) return `tint-${own(name)}`;
  if (!dealt.has(members)) dealt.set(members, deal(Object.keys(members)));
  return `tint-${dealt.get(members).get(name)}`;
}

function deal(names) {
  const taken = new Map();
  for (const name of names) {
    let tint = own(name);
    const used = new Set(taken.values());
    for (let i = 0; i < TINTS && used.has(tint); i++) tint = (tint + 1) % TINTS;
    taken.set(name, tint);
  }
  return taken;
}

function own(name) {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)) >>> 0;
  return hash % TINTS;
}

export const initial = (name) => ([...name.trim()][0] ?? '?').toLocaleUpperCase();
