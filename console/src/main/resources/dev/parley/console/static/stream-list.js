// The list of streams: search by prefix, page by page.

import { html, nothing, repeat, live } from './lit.js';
import * as api from './api.js';
import * as format from './format.js';
import { back, forward, fork, plus, search } from './icons.js';
import { spark } from './spark.js';
import { example } from './example.js';
import { trouble } from './trouble.js';

const PAGE = 50;
const REFRESH_MS = 2000;
const SEARCH_PAUSE_MS = 150;
const RATES = 30;

/** One page of the list, refreshed while it is looked at. */
export class StreamList {
  prefix = '';
  page = null;
  problem = null;
  rates = new Map(); // path to its recent rates; only of the page on screen

  #cursors = ['']; // the `after` of every page up to this one
  #changed;
  #timer = null;
  #typing = null;
  #asked = 0;

  constructor(changed) {
    this.#changed = changed;
  }

  open() {
    this.load();
    this.#timer = setInterval(() => document.hidden || this.load(), REFRESH_MS);
  }

  end() {
    clearInterval(this.#timer);
    clearTimeout(this.#typing);
  }

  async load() {
    const asked = ++this.#asked;
    try {
      const page = await api.streams({ prefix: this.prefix, after: this.#cursors.at(-1), limit: PAGE });
      if (asked !== this.#asked) return; // a newer question is under way
      this.page = page;
      this.problem = null;
      this.rates = new Map(
        page.streams.map((s) => [s.path, (this.rates.get(s.path) ?? []).concat(s.messagesPerSecond).slice(-RATES)]),
      );
    } catch (failure) {
      if (asked !== this.#asked) return;
      this.problem = failure;
    }
    this.#changed();
  }

  search(prefix) {
    this.prefix = prefix;
    this.#cursors = [''];
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.load(), SEARCH_PAUSE_MS);
    this.#changed();
  }

  get number() {
    return this.#cursors.length;
  }

  next() {
    this.#cursors.push(this.page.next);
    this.load();
  }

  previous() {
    this.#cursors.pop();
    this.load();
  }
}

export function listView(list, actions) {
  return html`<div class="page">
    <div class="page-head">
      <h1>Streams</h1>
      <label class="search">
        <span class="visually-hidden">Show streams whose path starts with</span>
        ${search}
        <input type="search" id="search" placeholder="Path starts with…" autocomplete="off" spellcheck="false"
          .value=${live(list.prefix)} @input=${(e) => list.search(e.target.value)}>
        <kbd aria-hidden="true">/</kbd>
      </label>
      <button type="button" class="primary" id="new-stream" @click=${() => actions.create(list.prefix)}>${plus}<span>New stream</span></button>
    </div>
    ${body(list, actions)}
  </div>`;
}

function body(list, actions) {
  if (list.problem && !list.page) return trouble('The list is', list.problem, () => list.load(), actions);
  if (!list.page) return html`<div class="panel quiet" aria-busy="true"><p>Asking the server…</p></div>`;
  const streams = list.page.streams;
  if (streams.length === 0) return empty(list, actions);
  const now = Date.now();
  return html`
    <div class="panel table-panel">
      <table class="streams">
        <thead>
          <tr>
            <th scope="col">Stream</th><th scope="col" class="n">Messages</th><th scope="col" class="n">Size</th>
            <th scope="col" class="n">Rate</th><th scope="col" class="n">Followers</th><th scope="col" class="n">Last message</th>
          </tr>
        </thead>
        <tbody>${repeat(streams, (s) => s.path, (s) => row(s, list.rates.get(s.path) ?? [], now))}</tbody>
      </table>
    </div>
    ${list.number === 1 && !list.page.next ? nothing : html`<nav class="pager" aria-label="Pages of the list">
      <button type="button" ?disabled=${list.number === 1} @click=${() => list.previous()}>${back} Previous</button>
      <span>Page ${list.number}</span>
      <button type="button" ?disabled=${!list.page.next} @click=${() => list.next()}>Next ${forward}</button>
    </nav>`}`;
}

function row(s, rates, now) {
  const kept = s.tail - s.first + 1;
  return html`<tr data-path=${s.path}>
    <th scope="row">
      <a href=${hrefOf(s.path)}>${s.path}</a>
      <span class="badges">${badges(s)}</span>
    </th>
    <td class="n" data-label="messages">${format.shortCount(Math.max(0, kept))}</td>
    <td class="n" data-label="size">${format.bytes(s.bytes)}</td>
    <td class="n rate ${s.messagesPerSecond > 0 ? '' : 'idle'}" data-label="rate">
      ${rates.some((r) => r > 0) ? spark([{ name: 'in', values: rates }], RATES, 'Recent rate') : nothing}
      <span class=${s.messagesPerSecond > 0 ? '' : 'zero'}>${format.rate(s.messagesPerSecond)}<span class="unit">/s</span></span>
    </td>
    <td class="n ${s.followers > 0 ? '' : 'idle'}" data-label="followers"><span class=${s.followers > 0 ? '' : 'zero'}>${format.shortCount(s.followers)}</span></td>
    <td class="n when" data-label="last">${s.lastAt && s.tail > 0 ? html`<time datetime=${format.exact(s.lastAt)} title=${format.moment(s.lastAt, now)}>${format.ago(s.lastAt, now)}</time>` : html`<span class="zero">none yet</span>`}</td>
  </tr>`;
}

export const LIST_HREF = '#/streams';

export const hrefOf = (path, position = null) =>
  '#/stream/' + path.split('/').map(encodeURIComponent).join('/') + (position === null ? '' : `?position=${position}`);

export const badges = (s) => html`
  <span class="badge type">${s.contentType}</span>
  ${s.fork ? html`<a class="badge fork" href=${hrefOf(s.fork.source, s.fork.offset)} title="Forked from ${s.fork.source} after ${format.plural(s.fork.offset, 'message')}">${fork}<span>${s.fork.source} @ ${s.fork.offset}</span></a>` : nothing}
  ${s.closed ? html`<span class="badge closed">closed</span>` : nothing}
  ${s.ttlSeconds ? html`<span class="badge" title="Deleted when nobody reads or writes it for this long">idle ≤ ${format.duration(s.ttlSeconds)}</span>` : nothing}
  ${s.expiresAt ? html`<span class="badge" title="Deleted at this time">until ${format.moment(s.expiresAt, Date.now())}</span>` : nothing}`;

function empty(list, actions) {
  if (list.prefix) {
    return html`<div class="panel quiet">
      <h2>No stream starts with <code>${list.prefix}</code></h2>
      <p><button type="button" @click=${() => list.search('')}>Show all</button>
        <button type="button" class="primary" @click=${() => actions.create(list.prefix)}>${plus} Create it</button></p>
    </div>`;
  }
  const url = `${location.origin}/v1/stream/chat/hello`;
  return html`<div class="panel teach">
    <h2>Create your first stream</h2>
    <p>A stream is an ordered log with an address. Anything that speaks HTTP can write one, and anything that reads
      server-sent events can follow it: leave, come back, and nothing is lost or repeated.</p>
    ${example('1. Create it', `curl -X PUT ${url} -H 'Content-Type: application/json'`, actions)}
    ${example('2. Follow it, in another terminal', `curl -N '${url}?offset=-1&live=sse'`, actions)}
    ${example('3. Say something', `curl ${url} -H 'Content-Type: application/json' -d '{"from":"you","text":"hello"}'`, actions)}
    <p>Or <button type="button" class="link" @click=${() => actions.create('')}>create one here</button>. This page shows it as soon as it exists.</p>
  </div>`;
}
