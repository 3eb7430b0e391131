// What the chat does: which conversation is on screen, what a person writes in it, and what is asked of the server.

import * as chat from './chat-api.js';
import { token } from './api.js';
import { Conversation, MAIN } from './conversation.js';
import { ConversationList, chatHref } from './conversation-list.js';
import { Outbox } from './outbox.js';
import { deleteConversationQuestion, nameQuestion, peopleQuestion, renameQuestion } from './chat-dialogs.js';

export const SHOWN_TURNS = 150;
const NEAR_END_PX = 80;
const READ_AFTER_MS = 400;
const TYPING_EVERY_MS = 3000;
const WARM_EVERY_MS = 30_000;
const TITLE_LENGTH = 60;
const DRAFTS_KEY = 'parley.drafts';
const BUSY_KEY = 'parley.while-busy';

/** The chat while it is on screen, and between two looks at it. */
export class ChatPage {
  list;
  outbox;
  conversation = null;
  personas = [];
  chosen = null; // id of the persona for a conversation that does not exist yet
  unconfigured = false; // no model but the demonstration
  problem = null; // of what was asked last
  editing = null; // { turn, text }
  side = false; // the list, where it does not fit beside the conversation
  below = false; // something new is under the fold
  said = ''; // for who listens instead of looking
  whileBusy = localStorage.getItem(BUSY_KEY) ?? 'steer';
  allTurns = false;

  #changed;
  #tell;
  #dialogs;
  #drafts = drafts();
  #stick = true;
  #drawnFor = null;
  #editorFor = null;
  #readTimer = null;
  #readSent = 0;
  #typedAt = 0;
  #warmedAt = 0;
  #unreadBy = 0;
  #line = ''; // of the list, when it last changed

  /** @param copy puts a text on the clipboard and says so */
  constructor(changed, tell, copy, dialogs) {
    this.copy = (text) => (closeMenus(null), copy(text));
    this.#changed = changed;
    this.#tell = tell;
    this.#dialogs = dialogs;
    this.list = new ConversationList(() => this.#listChanged());
    this.outbox = new Outbox(changed, (item) => this.#sent(item));
    document.addEventListener('visibilitychange', () => this.#noteRead());
    document.addEventListener('click', (event) => closeMenus(event.target));
  }

  /** Comes on screen with a conversation, or with none yet. */
  async open(id, branch) {
    this.list.open();
    this.side = false;
    this.problem = null;
    this.editing = null;
    this.allTurns = false;
    this.below = false;
    this.#stick = true;
    this.#drawnFor = null;
    this.#readSent = 0;
    this.conversation?.end();
    this.conversation = null;
    if (id) {
      const opened = (this.conversation = new Conversation(id, branch ?? MAIN, {
        changed: this.#changed,
        grown: () => this.#followEnd(),
        heard: (event) => this.#heard(event),
        finished: (turn, run) => this.#finished(turn, run),
        confirmed: (message) => this.outbox.confirm(message),
      }));
      if (this.outbox.of(id).some((item) => item.create)) await this.#created(id);
      if (this.conversation === opened) opened.open();
    }
    this.#learn();
    this.#changed();
  }

  end() {
    this.list.end();
    this.conversation?.end();
    this.conversation = null;
  }

  /** A name or a token has changed: everything is asked anew. */
  restart() {
    this.list.lines = null;
    this.open(this.conversation?.id, this.conversation?.branch);
  }

  get you() {
    return this.conversation?.you ?? this.list.you ?? chat.subject() ?? (chat.person.get() || 'me');
  }

  get mayRename() {
    return !token.get();
  }

  get persona() {
    return this.conversation?.persona ?? this.personas.find((p) => p.id === this.chosen) ?? null;
  }

  /** Turns at the offset of which the last look ended; null when there was none. */
  get unreadFrom() {
    const { conversation } = this;
    if (!conversation || conversation.readUpTo === 0) return null;
    const first = conversation.turns.find((turn) => turn.offset > conversation.readUpTo && turn.author.tool === undefined);
    return first && first.author.person !== this.you && first.offset <= this.#unreadBy ? first.turn : null;
  }

  /** What was said here and does not stand in the conversation yet. */
  get pending() {
    const { conversation } = this;
    return conversation ? this.outbox.of(conversation.id).filter(({ turn }) => !turn || !conversation.knows(turn)) : [];
  }

  // --- writing

  get draft() {
    return this.#drafts[this.conversation?.id ?? ''] ?? '';
  }

  set draft(text) {
    const key = this.conversation?.id ?? '';
    if (text) this.#drafts[key] = text;
    else delete this.#drafts[key];
    try {
      sessionStorage.setItem(DRAFTS_KEY, JSON.stringify(this.#drafts));
    } catch {
      // Full: it is kept while the page lives.
    }
    if (text) this.#typing();
    this.#changed();
  }

  send() {
    const text = this.draft.trim();
    if (!text || this.conversation?.archived) return;
    const { conversation } = this;
    const run = conversation?.active ?? null;
    this.draft = '';
    this.#typedAt = 0;
    this.#stick = true;
    if (conversation) {
      this.outbox.add({ conversation: conversation.id, branch: conversation.branch, text, as: run ? this.whileBusy : 'turn', run: run?.run });
      return;
    }
    const id = chat.newId();
    this.outbox.add({ conversation: id, branch: MAIN, text, as: 'turn', create: { title: titleOf(text), ...(this.chosen ? { persona: this.chosen } : {}) } });
    location.hash = chatHref(id);
  }

  answerWhileBusy(how) {
    this.whileBusy = how;
    localStorage.setItem(BUSY_KEY, how);
    this.#changed();
  }

  edit(turn) {
    this.editing = { turn: turn.turn, text: turn.parts.filter((p) => p.type === 'text').map((p) => p.text).join('') };
    this.#changed();
  }

  editLast() {
    const mine = this.conversation?.turns.findLast((turn) => turn.author.person === this.you);
    if (mine) this.edit(mine);
    return Boolean(mine);
  }

  stopEditing() {
    this.editing = null;
    this.#changed();
  }

  saveEdit() {
    const { turn, text } = this.editing;
    if (!text.trim()) return;
    return this.#try(async () => {
      const { id, branch } = this.conversation;
      const answer = await chat.edit(id, turn, { branch, text: text.trim(), clientMessageId: chat.newId() });
      this.editing = null;
      location.hash = chatHref(id, answer.branch);
    });
  }

  regenerate(turn) {
    return this.#try(async () => {
      const { id, branch } = this.conversation;
      const answer = await chat.regenerate(id, turn, branch);
      location.hash = chatHref(id, answer.branch);
    });
  }

  /** After a failure: what it has said is said anew, or the last turn is answered. */
  tryAgain(run) {
    const partial = this.conversation.turns.at(-1);
    if (partial?.ai && partial.run === run.run) return this.regenerate(partial.turn);
    return this.#try(() => chat.reply(this.conversation.id, this.conversation.branch));
  }

  stop(run = this.conversation?.active) {
    if (run) return this.#try(() => chat.stop(run.run));
  }

  approve(run, call) {
    return this.#try(() => chat.approve(run, call));
  }

  deny(run, call) {
    return this.#try(() => chat.deny(run, call, 'Not now.'));
  }

  forgetProblem() {
    this.problem = null;
    this.#changed();
  }

  // --- the conversation

  go(id, branch) {
    location.hash = chatHref(id, branch);
  }

  pickPersona(id) {
    closeMenus(null);
    this.chosen = id;
    if (this.conversation) this.#try(() => chat.change(this.conversation.id, { persona: id, branch: this.conversation.branch }));
    this.#changed();
  }

  /** Somebody is about to ask: what that needs is made ready. */
  warm(persona) {
    if (!this.conversation || Date.now() - this.#warmedAt < WARM_EVERY_MS) return;
    this.#warmedAt = Date.now();
    chat.warm(this.conversation.id, persona).catch(() => {}); // only a hint
  }

  rename() {
    closeMenus(null);
    this.#dialogs.ask(renameQuestion(this.conversation.title, (title) => this.#andList(chat.change(this.conversation.id, { title }))));
  }

  archive() {
    closeMenus(null);
    const { id, archived } = this.conversation;
    return this.#try(async () => {
      await this.#andList(chat.change(id, { archived: !archived }));
      this.#tell(archived ? 'Restored' : 'Archived');
    });
  }

  remove() {
    closeMenus(null);
    const { id, title } = this.conversation;
    this.#dialogs.ask(deleteConversationQuestion(title, async () => {
      await this.#andList(chat.remove(id));
      location.hash = '#/';
    }));
  }

  invite() {
    closeMenus(null);
    this.#dialogs.ask(peopleQuestion(this.conversation, this.you));
  }

  nameYourself() {
    this.#dialogs.ask(nameQuestion(this.you, (name) => {
      chat.person.set(name);
      this.list.you = null;
      this.restart();
    }));
  }

  toggleSide() {
    this.side = !this.side;
    this.#changed();
  }

  // --- looking

  scrolled(scroller) {
    this.#stick = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;
    if (this.#stick && this.below) {
      this.below = false;
      this.#changed();
    }
    if (this.#stick) this.#noteRead();
  }

  /** Those that are here and not shown, else those that the server has; what is read stays where it is. */
  async showEarlier() {
    const { conversation } = this;
    this.#stick = false;
    const scroller = document.getElementById('scroll');
    const below = scroller.scrollHeight - scroller.scrollTop;
    if (this.allTurns || !hasHiddenTurns(conversation)) await this.#try(() => conversation.loadEarlier());
    this.allTurns = true;
    this.#changed();
    requestAnimationFrame(() => (scroller.scrollTop = scroller.scrollHeight - below));
  }

  toEnd() {
    this.#stick = true;
    this.below = false;
    this.#changed();
  }

  /** After every rendering. */
  rendered(root) {
    const { conversation } = this;
    if (conversation?.state === 'ready' && this.#drawnFor !== conversation) {
      this.#drawnFor = conversation;
      this.#unreadBy = conversation.offset;
      const marker = root.querySelector('.unread-mark');
      if (marker) {
        marker.scrollIntoView({ block: 'center' });
        this.#stick = false;
      }
      if (matchMedia('(hover: hover)').matches) root.querySelector('#say')?.focus({ preventScroll: true });
    }
    if (conversation) this.outbox.settle(conversation);
    this.#followEnd();
    this.#noteRead();
    if (this.#editorFor !== this.editing) {
      this.#editorFor = this.editing;
      const editor = root.querySelector('.editor textarea');
      editor?.focus();
      editor?.setSelectionRange(editor.value.length, editor.value.length);
      if (!this.editing) root.querySelector('#say')?.focus();
    }
    if (conversation) document.title = `${conversation.title || 'Conversation'} · Parley`;
    else document.title = this.list.unread > 0 ? `(${this.list.unread}) Parley` : 'Parley';
  }

  #followEnd() {
    const scroller = document.getElementById('scroll');
    if (!scroller) return;
    if (this.#stick) scroller.scrollTop = scroller.scrollHeight;
    else if (!this.below && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight >= NEAR_END_PX) {
      this.below = true;
      this.#changed();
    }
  }

  #noteRead() {
    const { conversation } = this;
    const last = conversation?.turns.findLast((turn) => turn.author.person !== this.you)?.offset ?? 0;
    if (document.hidden || !this.#stick || conversation?.state !== 'ready' || last <= Math.max(this.#readSent, conversation.readUpTo)) return;
    this.#readSent = last;
    clearTimeout(this.#readTimer);
    this.#readTimer = setTimeout(async () => {
      await chat.read(conversation.id, conversation.branch, conversation.offset).catch(() => (this.#readSent = 0));
      this.list.load();
    }, READ_AFTER_MS);
  }

  // --- hearing

  #heard(event) {
    if (event.type === 'turn-added' || event.type === 'renamed') this.list.load();
    if (event.persona && !this.conversation.names.has(event.persona.id)) this.#learn();
  }

  #finished(turn, run) {
    const name = this.conversation.nameOf(run.persona);
    if (run.state === 'failed') this.said = `${name} failed: ${run.message}`;
    else if (run.state === 'finished' && turn?.ai) this.said = `${name}: ${turn.parts.filter((p) => p.type === 'text').map((p) => p.text).join(' ').slice(0, 1000)}`;
  }

  #sent(item) {
    if (item.conversation === this.conversation?.id && this.conversation.state !== 'ready') this.conversation.retry();
    this.list.load();
  }

  /** Waits until the server has a conversation that was begun here; also when the network takes its time. */
  async #created(id) {
    while (this.outbox.of(id).some((item) => item.create && item.state !== 'failed') && this.conversation?.id === id) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #listChanged() {
    const line = this.list.line(this.conversation?.id);
    const written = line && `${line.id} ${line.at} ${line.title}`;
    if (line && written !== this.#line) {
      this.#line = written;
      this.conversation.refresh();
    }
    this.#changed();
  }

  async #learn() {
    try {
      const [{ personas, default: first }, { configured }] = await Promise.all([chat.personas(), chat.providers()]);
      this.personas = personas;
      this.chosen ??= first ?? personas[0]?.id ?? null;
      this.unconfigured = configured === false;
      for (const { id, name } of personas) this.conversation?.names.set(id, name);
      this.#changed();
    } catch {
      // The list says what is wrong with the server.
    }
  }

  #typing() {
    this.warm();
    if (!this.conversation || Date.now() - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = Date.now();
    chat.typing(this.conversation.id, true).catch(() => {}); // only a courtesy
  }

  async #andList(asked) {
    await asked;
    this.list.load();
  }

  async #try(act) {
    try {
      this.problem = null;
      await act();
    } catch (failure) {
      this.problem = failure.message;
    }
    this.#changed();
  }
}

const hasHiddenTurns = ({ turns }) => turns.length > SHOWN_TURNS;

function titleOf(text) {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= TITLE_LENGTH ? line : line.slice(0, TITLE_LENGTH).replace(/\s\S*$/, '') + '…';
}

/** Menus close when something else is touched. */
function closeMenus(touched) {
  for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(touched)) menu.open = false;
}

function drafts() {
  try {
    return JSON.parse(sessionStorage.getItem(DRAFTS_KEY) ?? '{}');
  } catch {
    return {};
  }
}
