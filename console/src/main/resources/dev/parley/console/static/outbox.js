// What a person has said and the server has not confirmed yet. It outlives a reload of the tab and a lost network; the
// clientMessageId makes sending it twice the same as once.

import { Refused } from './api.js';
import * as chat from './chat-api.js';

const KEY = 'parley.outbox';
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;
const OVER = new Set(['run_ended', 'run_state', 'no_run']); // what was to be steered is not there any more

/** Messages in the order they were written, sent one after the other in each conversation. */
export class Outbox {
  items = restored(); // { id, conversation, branch, text, as, run, create, state, problem, at }

  #changed;
  #sent;
  #sending = new Set(); // conversations
  #wait = FIRST_RETRY_MS;
  #timer = null;

  /** @param sent told of an item and the server's answer */
  constructor(changed, sent) {
    this.#changed = changed;
    this.#sent = sent;
    addEventListener('online', () => this.flush());
    this.flush();
  }

  of(conversation) {
    return this.items.filter((item) => item.conversation === conversation);
  }

  /** @param as turn, queue, replace or steer; the last needs a run */
  add(item) {
    this.items.push({ id: chat.newId(), state: 'sending', problem: null, at: Date.now(), ...item });
    this.#keep();
    this.flush();
  }

  drop(id) {
    this.items = this.items.filter((item) => item.id !== id);
    this.#keep();
  }

  again(id) {
    const item = this.items.find((one) => one.id === id);
    if (item) item.state = 'waiting';
    this.flush();
  }

  /** An event says that the server has it. */
  confirm(clientMessageId) {
    if (this.items.some((item) => item.id === clientMessageId)) this.drop(clientMessageId);
  }

  /** Forgets what was sent and stands in a conversation by now, which a snapshot may have brought. */
  settle(conversation) {
    for (const { id, turn } of this.of(conversation.id)) if (turn && conversation.knows(turn)) this.drop(id);
  }

  flush() {
    clearTimeout(this.#timer);
    this.#timer = null;
    for (const conversation of new Set(this.items.map((item) => item.conversation))) this.#send(conversation);
  }

  async #send(conversation) {
    if (this.#sending.has(conversation)) return;
    this.#sending.add(conversation);
    try {
      for (;;) {
        const item = this.items.find((one) => one.conversation === conversation && one.state !== 'sent');
        if (!item || item.state === 'failed') return; // what follows it would be out of order
        item.state = 'sending';
        this.#changed();
        const answer = await this.#post(item);
        this.#wait = FIRST_RETRY_MS;
        Object.assign(item, { state: 'sent', turn: answer.turn });
        this.#keep();
        this.#sent(item, answer);
      }
    } catch (failure) {
      const item = this.items.find((one) => one.conversation === conversation && one.state === 'sending');
      const no = failure instanceof Refused && !failure.retry && failure.status < 500;
      if (item) Object.assign(item, { state: no ? 'failed' : 'waiting', problem: failure.message });
      if (!no) this.#later();
      this.#keep();
    } finally {
      this.#sending.delete(conversation);
    }
  }

  async #post(item) {
    if (item.create) {
      await chat.create({ id: item.conversation, ...item.create });
      item.create = null;
    }
    const message = { text: item.text, clientMessageId: item.id };
    if (item.as === 'steer') {
      try {
        return await chat.steer(item.run, message);
      } catch (failure) {
        if (!OVER.has(failure.code)) throw failure;
        item.as = 'queue';
      }
    }
    return chat.say(item.conversation, { branch: item.branch, ...message, reply: { onBusy: item.as === 'replace' ? 'replace' : 'queue' } });
  }

  #later() {
    this.#timer ??= setTimeout(() => this.flush(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LAST_RETRY_MS);
  }

  #keep() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(this.items.filter((item) => item.state !== 'sent')));
    } catch {
      // Full: it is still sent while the tab lives.
    }
    this.#changed();
  }
}

function restored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '[]').map((item) => ({ ...item, state: item.state === 'failed' ? 'failed' : 'waiting' }));
  } catch {
    return [];
  }
}
