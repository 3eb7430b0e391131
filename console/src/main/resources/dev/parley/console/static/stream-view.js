// One stream: live at its end, or as it was; and what can be done to it.

import { html, nothing, repeat, live } from './lit.js';
import * as api from './api.js';
import * as format from './format.js';
import { fromHex, isJson, isText } from './bytes.js';
import { elements } from './json.js';
import { example } from './example.js';
import { Feed, WINDOW } from './feed.js';
import { back, clock, down, fork, forward, lock, pause, play, plus, send, trash } from './icons.js';
import { messageView } from './message-view.js';
import { LIST_HREF, badges } from './stream-list.js';

const NEAR_END_PX = 32;
const WALK_PAUSE_MS = 60; // a dragged slider asks at most this often

/** The page of one stream: its feed, and what a person has typed and unfolded. */
export class StreamPage {
  path;
  feed;
  draft = '';
  draftProblem = null;
  sending = false;
  unfolded = new Set();

  #changed;
  #scrolled = 0;
  #walkTimer = null;
  #shown = null; // what the last rendering ended with, to know when to scroll

  constructor(path, changed) {
    this.path = path;
    this.#changed = changed;
    this.feed = new Feed(path, changed);
  }

  open(position, at) {
    this.feed.open(position, at);
  }

  end() {
    clearTimeout(this.#walkTimer);
    this.feed.end();
  }

  /** From the slider, which may move a hundred times a second. The far right is the live end. */
  slide(position) {
    clearTimeout(this.#walkTimer);
    this.feed.position = position;
    this.#changed();
    this.#walkTimer = setTimeout(() => this.walk(position), WALK_PAUSE_MS);
  }

  walk(position) {
    clearTimeout(this.#walkTimer);
    const to = Math.max(this.feed.floor, position);
    if (to >= this.feed.tail) this.feed.goLive();
    else this.feed.goTo(to);
  }

  step(by) {
    this.walk((this.feed.position ?? this.feed.tail) + by);
  }

  walkToTime(ms) {
    if (Number.isFinite(ms)) this.feed.goToTime(ms);
  }

  togglePause() {
    if (this.feed.paused) this.feed.resume();
    else this.feed.pause('button');
  }

  unfold(offset) {
    this.unfolded.add(offset);
    this.#changed();
  }

  type(text) {
    this.draft = text;
    this.draftProblem = null;
    this.#changed();
  }

  async append() {
    const contentType = this.feed.stream.contentType;
    const body = bodyOf(this.draft, contentType);
    if (body.problem || this.sending) {
      this.draftProblem = body.problem;
      this.#changed();
      return;
    }
    this.sending = true;
    this.#changed();
    try {
      await api.append(this.path, contentType, body.content);
      this.draft = '';
      this.draftProblem = null;
      if (this.feed.paused) this.feed.resume();
    } catch (failure) {
      this.draftProblem = failure.message; // what was typed stays
    }
    this.sending = false;
    this.#changed();
  }

  onScroll(log) {
    const up = log.scrollTop < this.#scrolled - 1;
    this.#scrolled = log.scrollTop;
    if (this.feed.position !== null) return;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
    if (up && !atEnd) this.feed.pause('scroll');
    else if (atEnd && this.feed.paused === 'scroll') this.feed.resume();
  }

  /** After every rendering: keep the newest message in sight, unless a person looks elsewhere. */
  rendered(root) {
    const slider = root.querySelector('#slider');
    if (slider) {
      const span = Math.max(1, slider.max - slider.min);
      slider.style.setProperty('--fill', `${((slider.value - slider.min) / span) * 100}%`);
    }
    const log = root.querySelector('#log');
    if (!log || this.feed.paused) return;
    const shown = [this.feed.position, this.feed.messages[0]?.offset, this.feed.messages.at(-1)?.offset, log.clientHeight].join();
    if (shown === this.#shown) return;
    this.#shown = shown;
    log.scrollTop = log.scrollHeight;
    this.#scrolled = log.scrollTop;
  }
}

/** What a draft would append: { content, says } or { problem }. */
function bodyOf(draft, contentType) {
  if (draft.trim() === '') return { says: '' };
  if (isJson(contentType)) {
    try {
      const value = JSON.parse(draft);
      if (!Array.isArray(value)) return { content: draft, says: 'Valid JSON, one message' };
      if (value.length === 0) return { problem: 'An empty array holds no message.' };
      return { content: draft, says: `A JSON array: ${format.plural(elements(draft).length, 'message')}` };
    } catch (failure) {
      return { problem: `Not JSON yet: ${failure.message}` };
    }
  }
  if (isText(contentType)) return { content: draft, says: format.bytes(new Blob([draft]).size) };
  const data = fromHex(draft);
  if (data === null) return { problem: 'Bytes are written as pairs of hex digits: de ad be ef' };
  return { content: data, says: format.bytes(data.length) };
}

export function streamView(page, actions) {
  const { feed, path } = page;
  if (feed.state === 'missing') return absent(path, actions);
  if (feed.state === 'denied') return denied(path, feed, actions);
  const s = feed.stream;
  const past = feed.position !== null;
  return html`<div class="page stream-page ${past ? 'is-past' : ''}">
    <div class="stream-head">
      <a class="back" href=${LIST_HREF} aria-label="All streams" title="All streams">${back}</a>
      <div class="title">
        <h1>${path}</h1>
        <div class="badges">${s ? badges(s) : nothing}</div>
      </div>
      ${s ? html`<div class="actions">
        <button type="button" id="fork" @click=${() => actions.fork(path, feed)} title="A new stream that shares this one’s past up to here">${fork}<span>Fork here</span></button>
        <button type="button" id="close" ?disabled=${s.closed} @click=${() => actions.close(path)} title="No more messages, for good">${lock}<span>Close</span></button>
        <button type="button" id="delete" class="danger" @click=${() => actions.remove(path)} title="Delete the stream">${trash}<span>Delete</span></button>
      </div>` : nothing}
    </div>
    ${s ? facts(s) : nothing}
    ${s ? timeline(page) : nothing}
    ${log(page, actions)}
    ${s ? composer(page, actions) : nothing}
  </div>`;
}

function facts(s) {
  const kept = Math.max(0, s.tail - s.first + 1);
  return html`<dl class="facts">
    <div><dt>Messages</dt><dd>${format.count(kept)}</dd></div>
    ${s.first > 1 ? html`<div><dt>Kept since</dt><dd>#${format.count(s.first)}</dd></div>` : nothing}
    <div><dt>Size</dt><dd>${format.bytes(s.bytes)}</dd></div>
    <div><dt>Rate</dt><dd>${format.rate(s.messagesPerSecond)}/s</dd></div>
    <div><dt>Followers</dt><dd>${format.count(s.followers)}</dd></div>
    <div><dt>Created</dt><dd>${format.moment(s.createdAt, Date.now())}</dd></div>
  </dl>`;
}

function timeline(page) {
  const { feed } = page;
  const past = feed.position !== null;
  const at = feed.position ?? feed.tail;
  const shownAt = feed.messages.at(-1)?.at;
  const now = Date.now();
  const nothingKept = feed.tail <= feed.floor;
  const says = past ? `After message ${at} of ${feed.tail}${shownAt ? ', ' + format.moment(shownAt, now) : ''}` : `Live, message ${feed.tail}`;
  return html`<section class="panel timeline" aria-label="Time">
    <div class="track">
      <button type="button" class="ghost" aria-label="One message back" title="One message back (←)" ?disabled=${nothingKept || at <= feed.floor} @click=${() => page.step(-1)}>${back}</button>
      <input type="range" id="slider" aria-label="Position in the stream" aria-valuetext=${says}
        min=${feed.floor} max=${Math.max(feed.tail, feed.floor + 1)} step="1" ?disabled=${nothingKept}
        .value=${live(String(nothingKept ? feed.floor + 1 : at))}
        @input=${(e) => page.slide(Number(e.target.value))}>
      <button type="button" class="ghost" aria-label="One message forward" title="One message forward (→)" ?disabled=${!past} @click=${() => page.step(1)}>${forward}</button>
      <button type="button" id="live" class="live-button ${past ? 'primary' : 'on'} ${feed.state === 'live' || past ? '' : 'still'}" aria-pressed=${!past} @click=${() => past && feed.goLive()} title=${feed.stream.closed ? 'The last messages there will be (L)' : 'The newest messages, as they come (L)'}>
        <span class="dot"></span>${feed.stream.closed ? 'End' : 'Live'}</button>
    </div>
    <div class="travel">
      <label class="field">${clock}<span>As it was at</span>
        <input type="datetime-local" id="at" step="1" .value=${live(format.localInput(feed.askedAt ?? shownAt ?? now))}
          @change=${(e) => page.walkToTime(new Date(e.target.value).getTime())}
          @keydown=${(e) => e.key === 'Enter' && page.walkToTime(new Date(e.target.value).getTime())}>
      </label>
      <span class="chips" role="group" aria-label="Go back by">
        ${[[60, '1 min'], [600, '10 min'], [3600, '1 h']].map(([seconds, words]) => html`<button type="button" class="chip" ?disabled=${nothingKept} aria-label="${words} ago" @click=${() => page.walkToTime(Date.now() - seconds * 1000)}>−${words}</button>`)}
      </span>
      <label class="field number"><span>Message</span>
        <input type="number" id="position" min=${feed.floor} max=${feed.tail} .value=${live(String(at))}
          @change=${(e) => e.target.value !== '' && page.walk(Number(e.target.value))}>
        <span>of ${format.count(feed.tail)}</span>
      </label>
    </div>
  </section>`;
}

const STATES = {
  loading: ['wait', 'Loading'],
  live: ['up', 'Live'],
  reconnecting: ['draining', 'Reconnecting'],
  closed: ['closed', 'Closed: this is all of it'],
  failed: ['away', 'Stopped'],
};

function log(page, actions) {
  const { feed } = page;
  const past = feed.position !== null;
  const json = /json/i.test(feed.stream?.contentType ?? '');
  const now = Date.now();
  const narrow = matchMedia('(max-width: 640px)').matches;
  const last = feed.messages.at(-1);
  const before = feed.messages.length > 0 ? feed.messages[0].offset - 1 : 0;
  return html`<section class="panel log-panel" aria-label="Messages">
    <div class="log-head ${past ? 'past' : ''}">
      ${past ? pastHead(page, now) : liveHead(page)}
    </div>
    <div class="log-wrap">
      <div id="log" class="log ${feed.searching ? 'searching' : ''}" tabindex="0" role="log" aria-live=${past || feed.paused ? 'off' : 'polite'} aria-relevant="additions" aria-busy=${feed.searching}
        @scroll=${(e) => page.onScroll(e.currentTarget)}>
        ${before > feed.floor ? html`<p class="earlier"><button type="button" class="link" @click=${() => page.walk(before)}>${format.plural(before - feed.floor, 'earlier message')}: walk back to #${before}</button></p>` : nothing}
        <ol class="messages">${repeat(feed.messages, (m) => m.offset, (m) => messageView(m, {
          json, narrow, now, last: past && m === last, unfolded: page.unfolded.has(m.offset), unfold: () => page.unfold(m.offset),
        }))}</ol>
        ${feed.messages.length === 0 && !feed.searching && feed.state !== 'loading' ? noMessages(page, actions) : nothing}
      </div>
      ${feed.paused && feed.waitingCount > 0 ? html`<button type="button" class="newer" @click=${() => feed.resume()}>${down} ${format.plural(feed.waitingCount, 'new message')}</button>` : nothing}
    </div>
  </section>`;
}

function liveHead(page) {
  const { feed } = page;
  const [look, words] = feed.paused && feed.state === 'live' ? ['wait', 'Paused'] : STATES[feed.state] ?? STATES.loading;
  return html`<span class="state ${look}" id="state" role="status"><span class="dot"></span>${words}</span>
    ${feed.problem && feed.state !== 'live' ? html`<span class="problem">${feed.problem}</span>` : nothing}
    <span class="spacer"></span>
    ${feed.tail - feed.floor > WINDOW ? html`<span class="note">the last ${Math.min(WINDOW, feed.messages.length)}</span>` : nothing}
    ${feed.state === 'failed' ? html`<button type="button" @click=${() => feed.goLive()}>Try again</button>` : nothing}
    ${feed.state === 'live' ? html`<button type="button" class="ghost text" id="pause" aria-pressed=${Boolean(feed.paused)} title="Hold new messages back (P)" @click=${() => page.togglePause()}>${feed.paused ? play : pause}<span>${feed.paused ? 'Go on' : 'Pause'}</span></button>` : nothing}`;
}

function pastHead(page, now) {
  const { feed } = page;
  const last = feed.messages.at(-1);
  const newer = Math.max(0, feed.tail - feed.position);
  const when = feed.askedAt ?? last?.at;
  return html`<span class="state past" id="state" role="status">${clock}${when ? html`As it was at <b>${format.moment(when, now)}</b>` : html`Before the first message`}</span>
    <span class="note">${format.plural(newer, 'later message')} not shown</span>
    ${feed.problem ? html`<span class="problem">${feed.problem}</span>` : nothing}
    <span class="spacer"></span>
    <button type="button" class="ghost text" @click=${() => feed.goLive()}><span>${feed.stream?.closed ? 'Go to the end' : 'Return to live'}</span>${forward}</button>`;
}

function noMessages(page, actions) {
  const { feed, path } = page;
  if (feed.position !== null) {
    return html`<div class="quiet"><h2>Nothing yet at this point</h2>
      <p>${feed.first > 1 ? `Messages before #${feed.first} are no longer kept.` : 'The first message came later.'}</p></div>`;
  }
  if (feed.state === 'failed') return html`<div class="quiet"><h2>The messages are not available</h2><p>${feed.problem}</p></div>`;
  if (feed.stream?.closed) return html`<div class="quiet"><h2>Closed without a message</h2></div>`;
  const type = feed.stream?.contentType ?? 'text/plain';
  const data = isJson(type) ? `'{"text":"hello"}'` : isText(type) ? 'hello' : '@file';
  return html`<div class="quiet"><h2>No messages yet</h2>
    <p>Write one below, or from anywhere:</p>
    ${example('Append', `curl ${location.origin}${api.streamUrl(path)} -H 'Content-Type: ${type}' --data-binary ${data}`, actions)}
  </div>`;
}

function composer(page, actions) {
  const { feed } = page;
  const s = feed.stream;
  if (feed.position !== null) {
    return html`<div class="panel composer note-only">
      <p>You are looking at the past. A fork starts a new stream from exactly this point.</p>
      <button type="button" class="past-button" @click=${() => actions.fork(page.path, feed)}>${fork} Fork after #${feed.position}</button>
    </div>`;
  }
  if (s.closed) {
    return html`<div class="panel composer note-only"><p>This stream is closed. Everything in it stays readable; a fork can go on from it.</p>
      <button type="button" @click=${() => actions.fork(page.path, feed)}>${fork} Fork here</button></div>`;
  }
  const body = bodyOf(page.draft, s.contentType);
  const problem = page.draftProblem;
  const form = isJson(s.contentType) ? 'JSON' : isText(s.contentType) ? 'text' : 'hex bytes';
  const hint = { JSON: '{"from": "you", "text": "hello"}', text: 'hello', 'hex bytes': 'de ad be ef' }[form];
  return html`<form class="panel composer" @submit=${(e) => (e.preventDefault(), page.append())}>
    <label for="draft" class="visually-hidden">Append ${form}</label>
    <textarea id="draft" rows="2" spellcheck=${form === 'text'} placeholder=${hint} autocomplete="off" aria-describedby="draft-says" aria-invalid=${Boolean(problem)}
      .value=${live(page.draft)} @input=${(e) => page.type(e.target.value)}
      @keydown=${(e) => e.key === 'Enter' && (e.ctrlKey || e.metaKey) && (e.preventDefault(), page.append())}></textarea>
    <div class="composer-foot">
      <span id="draft-says" class="${problem ? 'problem' : 'note'}" role=${problem ? 'alert' : 'none'}>${problem ?? body.says ?? ''}${!problem && !body.says ? (body.problem ?? `Appends as ${s.contentType}. Ctrl+Enter sends.`) : nothing}</span>
      <button type="submit" id="append" class="primary" ?disabled=${page.draft.trim() === '' || page.sending}>${send}<span>Append</span></button>
    </div>
  </form>`;
}

function absent(path, actions) {
  return html`<div class="page"><div class="panel quiet">
    <h2>There is no stream at <code>${path}</code></h2>
    <p>It was deleted, it expired, or nobody has created it yet. This page shows it as soon as it exists.</p>
    <p><a class="button" href=${LIST_HREF}>${back} All streams</a>
      <button type="button" class="primary" @click=${() => actions.create(path)}>${plus} Create it</button></p>
  </div></div>`;
}

function denied(path, feed, actions) {
  return html`<div class="page"><div class="panel quiet">
    <h2>You may not read <code>${path}</code></h2>
    <p>${feed.problem}</p>
    <p><a class="button" href=${LIST_HREF}>${back} All streams</a>
      <button type="button" class="primary" @click=${actions.token}>Enter a token</button></p>
  </div></div>`;
}

