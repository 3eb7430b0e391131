// The messages of one stream that are on screen: at its live end, or as they were at some point of the past.

import * as api from './api.js';
import { events } from './sse.js';
import { elements } from './json.js';
import { fromBase64, isJson, isText, utf8 } from './bytes.js';

export const WINDOW = 200; // messages held and rendered; older ones are reached by walking back
const WINDOW_BYTES = 32 * 1024 * 1024;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;
const SHORTEST_READ_MS = 1000;
const REFRESH_MS = 2000;
const STAMP_BYTES = 1024 * 1024; // fetched again at most, for the times the server gave

/**
 * One stream on screen. `state` is loading, live, reconnecting, closed, past, missing, denied or failed. `position` is
 * null at the live end, else how many messages there were at the point being looked at. Single-threaded like the page:
 * every change ends in `changed()`.
 */
export class Feed {
  stream = null;
  messages = [];
  state = 'loading';
  position = null;
  askedAt = null; // the time a person asked for, when the position came from one
  searching = false; // a walk through the past is waiting for the server
  paused = null; // 'button' or 'scroll' while new messages are held back
  waiting = []; // arrived while paused, bounded like the window
  waitingCount = 0;
  problem = null;

  #path;
  #changed;
  #follow = null; // AbortController of the live read
  #walk = null; // AbortController of the walk under way
  #refresh = null;
  #ended = false;

  constructor(path, changed) {
    this.#path = path;
    this.#changed = changed;
  }

  /** The number of the last message: what "live" shows last. */
  get tail() {
    return this.stream?.tail ?? 0;
  }

  get first() {
    return this.stream?.first ?? 1;
  }

  /** The lowest position: before the oldest message that is kept. */
  get floor() {
    return Math.max(0, Math.min(this.first - 1, this.tail));
  }

  /** The token of the point on screen, to fork from. */
  get token() {
    const last = this.messages.at(-1);
    if (last) return last.token;
    return this.tail > this.floor && this.position !== null ? this.stream.firstOffset : this.stream?.nextOffset;
  }

  open(position, at) {
    this.#refresh = setInterval(() => document.hidden || this.#refreshInfo(), REFRESH_MS);
    if (at !== null) this.goToTime(at);
    else if (position !== null) this.goTo(position);
    else this.goLive();
  }

  end() {
    this.#ended = true;
    clearInterval(this.#refresh);
    this.#follow?.abort();
    this.#walk?.abort();
  }

  goLive() {
    this.#walk?.abort();
    this.position = null;
    this.askedAt = null;
    this.searching = false;
    this.#forgetPause();
    this.#follow?.abort();
    this.#follow = new AbortController();
    this.state = 'loading';
    this.#changed();
    this.#run(this.#follow.signal);
  }

  /** Shows the stream as it was when it had `position` messages. */
  goTo(position, askedAt = null) {
    this.#past();
    this.position = position;
    this.askedAt = askedAt;
    this.#changed();
    return this.#walking(async (signal) => {
      if (this.stream === null) await this.#learn(signal);
      if (this.stream === null) return;
      this.position = Math.min(Math.max(position, this.floor), this.tail);
      this.messages = await this.#range(Math.max(this.floor, this.position - WINDOW), this.position, signal);
    });
  }

  /** Shows the stream as it was at a time (milliseconds). */
  goToTime(ms) {
    this.#past();
    this.askedAt = ms;
    this.#changed();
    return this.#walking(async (signal) => {
      const found = await api.offsetAt(this.#path, new Date(ms), signal);
      await this.goTo(found.offset, ms);
    });
  }

  pause(by) {
    if (this.paused || this.position !== null) return;
    this.paused = by;
    this.#changed();
  }

  resume() {
    if (!this.paused) return;
    this.messages = newest(this.messages.concat(this.waiting));
    this.#forgetPause();
    this.#changed();
  }

  /** Learns at once what an action changed, instead of at the next refresh. */
  refresh() {
    return this.#refreshInfo();
  }

  #past() {
    this.#follow?.abort();
    this.#follow = null;
    this.#forgetPause();
    this.state = 'past';
  }

  #forgetPause() {
    this.paused = null;
    this.waiting = [];
    this.waitingCount = 0;
  }

  async #walking(work) {
    this.#walk?.abort();
    const walk = (this.#walk = new AbortController());
    this.searching = true;
    try {
      await work(walk.signal);
      this.problem = null;
    } catch (failure) {
      if (!walk.signal.aborted) this.#fail(failure);
    }
    if (this.#walk === walk) this.searching = false;
    this.#changed();
  }

  async #run(signal) {
    let wait = FIRST_RETRY_MS;
    while (!signal.aborted) {
      try {
        const from = await this.#loadWindow(signal);
        if (from === null) return;
        wait = FIRST_RETRY_MS;
        if (await this.#read(from, signal)) return;
      } catch (failure) {
        if (signal.aborted) return;
        if (failure instanceof api.Refused && failure.status < 500 && failure.status !== 429) {
          // 410 is retention passing our offset, or the stream's end: the next look at the window tells which.
          if (failure.status !== 410) return this.#fail(failure);
        }
        this.state = 'reconnecting';
        this.problem = failure.message;
        this.#changed();
        await pauseFor(wait, signal);
        wait = Math.min(wait * 2, LAST_RETRY_MS);
      }
    }
  }

  /** The latest messages; answers the token to follow from, or null when there is nothing to follow. */
  async #loadWindow(signal) {
    await this.#learn(signal);
    if (this.stream === null) return null;
    const fresh = await this.#range(Math.max(this.floor, this.tail - WINDOW), this.tail, signal);
    if (this.paused) this.#hold(fresh.filter((m) => m.offset > this.#lastSeen()));
    else this.messages = fresh;
    this.#changed();
    return fresh.at(-1)?.token ?? this.stream.nextOffset;
  }

  /** Follows until the server ends the response. True when the stream is closed: nothing more will come. */
  async #read(from, signal) {
    let token = from;
    // The server ends a live read about once a minute (§5.8); going on from the last token is routine, not trouble.
    while (!signal.aborted) {
      const response = await api.follow(this.#path, token, signal);
      const base64 = response.headers.get('stream-sse-data-encoding') === 'base64';
      const began = performance.now();
      let progress = false;
      let data = null;
      if (this.state !== 'live') {
        this.state = 'live';
        this.problem = null;
        this.#changed();
      }
      for await (const { event, data: text } of events(response.body)) {
        if (signal.aborted) return false;
        if (event === 'data') {
          data = data === null ? text : data + (base64 ? text : '\n' + text);
        } else if (event === 'control') {
          const control = JSON.parse(text);
          if (data !== null) await this.#arrived(data, base64, token, control.streamNextOffset, signal);
          data = null;
          progress = true;
          token = control.streamNextOffset;
          if (control.streamClosed) {
            this.stream.closed = true;
            this.state = 'closed';
            this.#changed();
            return true;
          }
        }
      }
      // A server that hangs up at once is stopping: come back with patience.
      if (!progress || performance.now() - began < SHORTEST_READ_MS) throw new api.Unreachable('The live connection ended.');
    }
    return false;
  }

  async #arrived(data, base64, before, token, signal) {
    const from = position(before);
    const total = position(token) - from;
    if (total <= 0) return;
    const texts = isJson(this.stream.contentType) ? elements(data) : [data];
    let arrived;
    if (texts.length === total) {
      const now = Date.now();
      const readable = isText(this.stream.contentType);
      arrived = texts.map((text, i) => live(from + i + 1, tokenAt(token, from + i + 1), now, text, base64, readable));
    } else {
      // Several messages of bytes in one event: only the server knows where one ends and the next begins.
      arrived = await this.#range(Math.max(from, position(token) - WINDOW), position(token), signal);
    }
    this.stream.tail = Math.max(this.stream.tail, position(token));
    if (this.paused) this.#hold(arrived, total);
    else this.messages = newest(this.messages.concat(arrived));
    this.#changed();
  }

  /** The messages after one position up to another. The server may answer in parts; the newest ones matter most. */
  async #range(after, upTo, signal) {
    let found = [];
    let at = after;
    while (at < upTo) {
      const page = await api.messages(this.#path, at, upTo - at, signal);
      if (page.messages.length === 0) break; // retention or a deletion was faster
      found = newest(found.concat(page.messages.map(decoded)));
      at = page.messages.at(-1).offset;
    }
    return found;
  }

  #hold(arrived, total = arrived.length) {
    this.waiting = newest(this.waiting.concat(arrived));
    this.waitingCount += total;
  }

  #lastSeen() {
    return (this.waiting.at(-1) ?? this.messages.at(-1))?.offset ?? 0;
  }

  async #learn(signal) {
    const stream = await api.stream(this.#path, signal);
    if (stream === null) {
      this.state = 'missing';
      this.#follow?.abort();
    }
    this.stream = stream;
    this.#changed();
  }

  async #refreshInfo() {
    if (this.state === 'denied') return; // until another token is entered
    try {
      const stream = await api.stream(this.#path);
      if (this.#ended) return;
      if (stream === null && this.stream !== null) {
        this.state = 'missing';
        this.stream = null;
        this.#follow?.abort();
      } else if (stream !== null && this.state === 'missing') {
        return this.goLive(); // somebody created it
      } else if (stream !== null && this.stream !== null) {
        // The live read may already know of more than the list did when it was asked.
        if (this.position === null) stream.tail = Math.max(stream.tail, this.stream.tail);
        this.stream = stream;
      }
      await this.#stamp();
      this.#changed();
    } catch (failure) {
      if (failure.status === 401 || failure.status === 403) return this.#lose(failure);
      // The health line says when the server is away; the next refresh comes soon.
    }
  }

  /** The live wire tells no times: puts those of the server, and the producers, in place of the times of arrival. */
  async #stamp() {
    const arrived = this.messages.filter((m) => m.received);
    if (arrived.length === 0 || arrived.reduce((sum, m) => sum + m.bytes, 0) > STAMP_BYTES) return;
    const stored = await this.#range(arrived[0].offset - 1, arrived.at(-1).offset);
    const byOffset = new Map(stored.map((m) => [m.offset, m]));
    for (const m of arrived) {
      const { at, producer } = byOffset.get(m.offset) ?? {};
      if (at !== undefined) Object.assign(m, { at, producer, received: false });
    }
  }

  /** The right to read has gone, or was never there: nothing of the stream stays on screen. */
  #lose(failure) {
    this.#follow?.abort();
    this.#fail(failure);
  }

  #fail(failure) {
    const status = failure.status;
    this.state = status === 404 ? 'missing' : status === 401 || status === 403 ? 'denied' : 'failed';
    this.problem = failure.message;
    this.#changed();
  }
}

/** How many messages lie before a token: its second half (a position inside the epoch that is its first). */
const position = (token) => Number(token.slice(token.indexOf('_') + 1));

const tokenAt = (sibling, offset) => {
  const cut = sibling.indexOf('_') + 1;
  return sibling.slice(0, cut) + String(offset).padStart(sibling.length - cut, '0');
};

/** At most a window of messages, and of bytes; always the last one. */
function newest(messages) {
  let from = messages.length;
  let bytes = 0;
  while (from > 0 && messages.length - from < WINDOW) {
    bytes += messages[from - 1].bytes;
    if (bytes > WINDOW_BYTES && from < messages.length) break;
    from--;
  }
  return from === 0 ? messages : messages.slice(from);
}

const live = (offset, token, at, text, base64, readable) => {
  const data = base64 ? fromBase64(text) : null;
  const message = { offset, token, at, producer: null, received: true };
  if (data === null) return { ...message, bytes: new Blob([text]).size, text, data };
  const read = readable ? utf8(data) : null; // +json and xml come as base64 (§5.8), and are text all the same
  return { ...message, bytes: data.length, text: read, data: read === null ? data : null };
};

const decoded = (m) => ({
  ...m,
  text: m.text ?? null,
  data: m.text === undefined || m.text === null ? fromBase64(m.base64 ?? '') : null,
  received: false,
});

const pauseFor = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
