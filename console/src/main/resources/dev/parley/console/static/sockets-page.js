// What the page of sockets knows: namespaces, the rooms and sockets of one of them, and what happens right now. All of it
// comes page by page, so that it is the same with ten sockets and with twenty thousand.

import * as api from './api.js';

const PAGE = 50;
const ROOMS = 12;
const REFRESH_MS = 2000;
const EVENTS_MS = 1000;
const SEARCH_PAUSE_MS = 200;
const MOST_EVENTS = 200; // kept here; the server sends no more at once either
const RATES = 60;

/** One list of which a page is on screen: what its pages begin with, and the page itself. */
class Paged {
  page = null;

  #cursors = [''];

  get after() {
    return this.#cursors.at(-1);
  }

  get number() {
    return this.#cursors.length;
  }

  first() {
    this.#cursors = [''];
  }

  next() {
    if (this.page?.next) this.#cursors.push(this.page.next);
  }

  previous() {
    if (this.#cursors.length > 1) this.#cursors.pop();
  }
}

export class SocketsPage {
  overview = null;
  problem = null;
  rates = []; // { in, out, bytesIn, bytesOut } a second, newest last
  search = '';
  roomSearch = '';
  rooms = new Paged();
  sockets = new Paged();
  events = []; // newest first
  leftOut = 0;
  paused = false;

  #changed;
  #timer = null;
  #eventTimer = null;
  #typing = null;
  #asked = 0;
  #before = null; // the counters of the overview before, and when they were read
  #last = 0; // the newest event heard of
  #leftOutBefore = null;
  #ended = false;

  constructor(namespace, room, changed) {
    this.namespace = namespace;
    this.room = room;
    this.#changed = changed;
  }

  open() {
    this.#poll();
    this.#listen();
  }

  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#eventTimer);
    clearTimeout(this.#typing);
  }

  async #poll() {
    if (!document.hidden) await this.load();
    if (!this.#ended) this.#timer = setTimeout(() => this.#poll(), REFRESH_MS);
  }

  async load() {
    const asked = ++this.#asked;
    const { namespace, room, search, roomSearch } = this;
    try {
      const [overview, rooms, sockets] = await Promise.all([
        api.sockets(),
        api.rooms({ namespace, q: roomSearch, after: this.rooms.after, limit: ROOMS }),
        api.socketList({ namespace, ...(room === null ? {} : { room }), q: search, after: this.sockets.after, limit: PAGE }),
      ]);
      if (asked !== this.#asked || this.#ended) return; // a newer question is under way
      this.#rate(overview);
      this.overview = overview;
      this.rooms.page = rooms;
      this.sockets.page = sockets;
      this.problem = null;
    } catch (failure) {
      if (asked !== this.#asked || this.#ended) return;
      this.problem = failure;
    }
    this.#changed();
  }

  #rate(now) {
    const at = performance.now();
    const before = this.#before;
    this.#before = { at, ...now };
    if (!before) return;
    const seconds = (at - before.at) / 1000;
    const rate = (key) => Math.max(0, (now[key] - before[key]) / seconds);
    this.rates = this.rates
      .concat({ in: rate('packetsIn'), out: rate('packetsOut'), bytesIn: rate('bytesIn'), bytesOut: rate('bytesOut') })
      .slice(-RATES);
  }

  async #listen() {
    if (!document.hidden && !this.paused) await this.#hear();
    if (!this.#ended) this.#eventTimer = setTimeout(() => this.#listen(), EVENTS_MS);
  }

  async #hear() {
    try {
      const heard = await api.socketEvents({ after: this.#last, limit: MOST_EVENTS });
      if (this.#ended || this.paused) return;
      if (heard.last < this.#last) this.events = []; // the server is a new one
      this.#leftOutBefore ??= heard.leftOut;
      this.leftOut = heard.leftOut - this.#leftOutBefore;
      this.#last = heard.last;
      if (heard.events.length > 0) {
        this.events = heard.events.toReversed().concat(this.events).slice(0, MOST_EVENTS);
        this.#changed();
      }
    } catch {
      // The lists say what is wrong; the next try follows.
    }
  }

  togglePause() {
    this.paused = !this.paused;
    this.#changed();
  }

  find(words) {
    this.search = words;
    this.sockets.first();
    this.#loadSoon();
  }

  findRoom(words) {
    this.roomSearch = words;
    this.rooms.first();
    this.#loadSoon();
  }

  #loadSoon() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.load(), SEARCH_PAUSE_MS);
    this.#changed();
  }

  turn(list, way) {
    list[way]();
    this.load();
  }
}
