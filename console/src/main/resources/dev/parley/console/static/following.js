// One event stream, followed over every break: it goes on behind the last event that came.

import { Refused, Unreachable, request } from './api.js';
import { events } from './sse.js';

const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 10_000;
const SILENCE_MS = 45_000; // the server sends a comment more often than that
const HIDDEN_MS = 30_000; // a tab nobody looks at lets go, as browsers have few connections to give; it catches up when seen
const ROUTINE_MS = 2000; // a response that lasted longer and ends in order is no trouble

/**
 * `state` is connecting, live, broken, refused or ended. `onEvent` gets { event, data, id }; `changed` is told of every
 * change of state.
 */
export class Following {
  state = 'connecting';
  problem = null;
  heardAt = null; // when the last byte came

  #url;
  #after;
  #onEvent;
  #changed;
  #ended = new AbortController();
  #connection = null; // AbortController of the one under way
  #wake = null; // ends the pause before the next attempt
  #again = () => this.retry();
  #hidden = null; // timer
  #away = false;
  #visibility = () => {
    clearTimeout(this.#hidden);
    if (document.hidden) this.#hidden = setTimeout(() => ((this.#away = true), this.retry()), HIDDEN_MS);
    else if (this.#away) (this.#away = false), this.retry();
  };

  /** @param after id of the last event that is known, null for none */
  constructor(url, after, onEvent, changed) {
    this.#url = url;
    this.#after = after;
    this.#onEvent = onEvent;
    this.#changed = changed;
  }

  open() {
    // The browser's word on the network is a hint: a server on this very machine may well be there.
    addEventListener('online', this.#again);
    addEventListener('offline', this.#again);
    document.addEventListener('visibilitychange', this.#visibility);
    this.#run();
    return this;
  }

  end(state = 'ended') {
    removeEventListener('online', this.#again);
    removeEventListener('offline', this.#again);
    document.removeEventListener('visibilitychange', this.#visibility);
    clearTimeout(this.#hidden);
    this.state = state;
    this.#ended.abort();
    this.#connection?.abort();
    this.#wake?.();
  }

  /** Asks anew at once. */
  retry() {
    this.#connection?.abort();
    this.#wake?.();
  }

  async #run() {
    let wait = FIRST_RETRY_MS;
    while (!this.#ended.signal.aborted) {
      if (this.#away) {
        await this.#pause(Infinity);
        continue;
      }
      const began = performance.now();
      const heard = this.heardAt;
      try {
        if (!(await this.#read())) return;
        if (performance.now() - began > ROUTINE_MS) continue;
        this.problem = null;
      } catch (failure) {
        if (this.#ended.signal.aborted) return;
        if (failure instanceof Refused && failure.status < 500 && failure.status !== 429 && failure.status !== 408) {
          this.problem = failure;
          this.end('refused');
          this.#changed();
          return;
        }
        this.problem = failure;
      }
      if (this.#away) continue;
      if (this.heardAt !== heard) wait = FIRST_RETRY_MS;
      this.#to('broken');
      await this.#pause(wait * (0.75 + Math.random() / 2)); // spread, so that not all come back at the same moment
      wait = Math.min(wait * 2, LAST_RETRY_MS);
    }
  }

  /** One response. False when there will be no more. */
  async #read() {
    const connection = (this.#connection = new AbortController());
    let silence = setTimeout(() => connection.abort(), SILENCE_MS);
    const heard = () => {
      this.heardAt = Date.now();
      clearTimeout(silence);
      silence = setTimeout(() => connection.abort(), SILENCE_MS);
    };
    const headers = { Accept: 'text/event-stream', ...(this.#after === null ? {} : { 'Last-Event-ID': String(this.#after) }) };
    try {
      const response = await request(this.#url, { headers, signal: connection.signal, cache: 'no-store' });
      if (response.status === 204) {
        this.end();
        this.#changed();
        return false;
      }
      this.problem = null;
      this.#to('live');
      for await (const event of events(response.body, heard)) {
        if (this.#ended.signal.aborted) return false;
        if (event.id !== null) this.#after = event.id;
        this.#onEvent(event);
      }
    } catch (failure) {
      if (connection.signal.aborted) throw new Unreachable('The connection was lost.');
      throw failure instanceof TypeError ? new Unreachable('The connection was lost.') : failure;
    } finally {
      clearTimeout(silence);
    }
    return !this.#ended.signal.aborted;
  }

  #pause(ms) {
    return new Promise((resolve) => {
      const timer = ms === Infinity ? null : setTimeout(resolve, ms);
      this.#wake = () => (clearTimeout(timer), resolve());
    });
  }

  #to(state) {
    if (this.state === state) return;
    this.state = state;
    this.#changed();
  }
}
