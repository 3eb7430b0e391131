// The page of sockets as it looks.

import { html, svg, nothing, repeat, live } from './lit.js';
import * as format from './format.js';
import { back, cross, forward, pause, play, search } from './icons.js';
import { spark } from './spark.js';
import { trouble } from './trouble.js';

const SAMPLES = 60;
const MOST_ROOMS = 4; // named in one row

const KINDS = {
  connected: ['connected', ''],
  disconnected: ['disconnected', ''],
  joined: ['joined', 'room'],
  left: ['left', 'room'],
  received: ['in', 'event'],
  sent: ['out', 'event'],
};

export const socketsHref = (namespace = '/', room = null) =>
  `#/sockets/${encodeURIComponent(namespace)}` + (room === null ? '' : `?room=${encodeURIComponent(room)}`);

export function socketsView(page, actions) {
  return html`<div class="page">
    <div class="page-head">
      <h1>Sockets</h1>
      <label class="search">
        <span class="visually-hidden">Show sockets whose id, user or address contains</span>
        ${search}
        <input type="search" id="search" placeholder="Id, user or address…" autocomplete="off" spellcheck="false"
          .value=${live(page.search)} @input=${(e) => page.find(e.target.value)}>
        <kbd aria-hidden="true">/</kbd>
      </label>
    </div>
    ${page.problem && !page.overview
      ? trouble('The sockets are', page.problem, () => page.load(), actions)
      : page.overview ? body(page, actions) : html`<div class="panel quiet" aria-busy="true"><p>Asking the server…</p></div>`}
  </div>`;
}

function body(page, actions) {
  return html`
    ${tiles(page)}
    <div class="sockets-layout">
      <div class="sockets-side">${namespaces(page)}${rooms(page)}${pressure(page)}</div>
      <div class="sockets-main">${sockets(page, actions)}${events(page)}</div>
    </div>`;
}

function tiles({ overview, rates }) {
  const now = rates.at(-1) ?? { in: 0, out: 0, bytesIn: 0, bytesOut: 0 };
  const tile = (name, value, note, drawing = nothing) =>
    html`<div class="tile"><span class="name">${name}</span><b>${value}</b><span class="note">${note}</span>${drawing}</div>`;
  const drawn = (key, label) => spark([{ name: key, values: rates.map((r) => r[key]) }], SAMPLES, label);
  return html`<div class="tiles sockets-tiles">
    ${tile('Connections', format.count(overview.connections), `${format.count(overview.webSocket)} WebSocket · ${format.count(overview.polling)} polling`)}
    ${tile('In', html`${format.rate(now.in)}<span class="unit">/s</span>`, `packets · ${format.bytes(now.bytesIn)}/s`, drawn('in', 'Packets in per second'))}
    ${tile('Out', html`${format.rate(now.out)}<span class="unit">/s</span>`, `packets · ${format.bytes(now.bytesOut)}/s`, drawn('out', 'Packets out per second'))}
  </div>`;
}

function namespaces({ overview, namespace }) {
  const hidden = overview.total - overview.namespaces.length;
  return html`<section class="panel picks" id="namespaces" aria-labelledby="namespaces-title">
    <h2 id="namespaces-title">Namespaces</h2>
    <ul>${overview.namespaces.map((n) => html`<li><a href=${socketsHref(n.name)} aria-current=${n.name === namespace ? 'true' : 'false'}>
      <code>${n.name}</code><span>${format.shortCount(n.sockets)}</span></a></li>`)}</ul>
    ${hidden > 0 ? html`<p class="note">${format.plural(hidden, 'smaller one')} not shown</p>` : nothing}
  </section>`;
}

function rooms(page) {
  const { rooms: list, namespace, room } = page;
  const found = list.page;
  const largest = Math.max(1, ...found.rooms.map((r) => r.sockets));
  return html`<section class="panel picks" id="rooms" aria-labelledby="rooms-title">
    <h2 id="rooms-title">Rooms <span class="note">${format.shortCount(found.total)}</span></h2>
    ${found.total > 0 || page.roomSearch ? html`<label class="search small"><span class="visually-hidden">Show rooms whose name contains</span>${search}
      <input type="search" placeholder="Name…" autocomplete="off" spellcheck="false" .value=${live(page.roomSearch)} @input=${(e) => page.findRoom(e.target.value)}></label>` : nothing}
    ${found.rooms.length === 0
      ? html`<p class="note">${page.roomSearch ? 'No such room' : html`Nobody is in a room of <code>${namespace}</code>`}</p>`
      : html`<ul>${repeat(found.rooms, (r) => r.name, (r) => html`<li><a href=${socketsHref(namespace, r.name === room ? null : r.name)} aria-current=${r.name === room ? 'true' : 'false'}>
          <code>${r.name}</code><span>${format.shortCount(r.sockets)}</span><svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">${svg`<rect width=${(100 * r.sockets) / largest} height="1"/>`}</svg></a></li>`)}</ul>`}
    ${pager(page, list, 'Pages of the rooms')}
  </section>`;
}

// What was done to clients that take too little or send too much, since the server began.
const PRESSURE = [
  ['waited', 'Fell behind', 'times what was sent had to wait for a client'],
  ['conflated', 'Replaced', 'events that a newer one replaced: policy latest'],
  ['dropped', 'Dropped', 'oldest events that were let go: policy drop-oldest'],
  ['gaps', 'Gaps told', 'times a client was told that events are missing'],
  ['disconnected', 'Sent away', 'connections closed for being slow: policy disconnect'],
  ['overflowed', 'Overflowed', 'connections closed because more waited than may'],
  ['refused', 'Refused', 'packets beyond a rate limit'],
  ['flooded', 'Floods ended', 'connections closed for going on far beyond a rate limit'],
];

function pressure({ overview }) {
  return html`<section class="panel picks pressure" id="pressure" aria-labelledby="pressure-title">
    <h2 id="pressure-title">Back-pressure</h2>
    <dl>${PRESSURE.map(([key, name, what]) => html`<div data-key=${key} title=${what} class=${overview.pressure[key] > 0 ? 'some' : ''}>
      <dt>${name}</dt><dd>${format.shortCount(overview.pressure[key])}</dd></div>`)}</dl>
  </section>`;
}

function sockets(page, actions) {
  const { sockets: list, namespace, room } = page;
  const found = list.page;
  return html`<section class="panel table-panel" aria-labelledby="sockets-title">
    <div class="section-head">
      <h2 id="sockets-title"><code>${namespace}</code></h2>
      ${room === null ? nothing : html`<a class="badge fork" href=${socketsHref(namespace)} title="Show all rooms"><span>room ${room}</span>${cross}</a>`}
      <span class="note" id="socket-count">${format.plural(found.total, 'socket')}</span>
      ${page.problem ? html`<span class="problem">${page.problem.message}</span>` : nothing}
    </div>
    ${found.sockets.length === 0 ? nobody(page) : html`<div class="sockets-scroll" tabindex="0" role="region" aria-labelledby="sockets-title"><table class="sockets">
      <thead><tr><th scope="col">Socket</th><th scope="col">Transport</th><th scope="col">Address</th><th scope="col">Rooms</th>
        <th scope="col" class="n">Connected</th><th scope="col"><span class="visually-hidden">Disconnect</span></th></tr></thead>
      <tbody>${repeat(found.sockets, (s) => s.id, (s) => row(s, page, actions))}</tbody>
    </table></div>`}
    ${pager(page, list, 'Pages of the sockets')}
  </section>`;
}

function nobody({ search: words, room, namespace }) {
  return html`<div class="quiet">${words
    ? html`<p>No socket here has “${words}” in its id, user or address.</p>`
    : room !== null
      ? html`<p>Nobody is in <code>${room}</code> right now.</p>`
      : html`<p>Nobody is connected to <code>${namespace}</code>.</p>
        <p class="note">Any Socket.IO client can: <code>io("${location.origin}${namespace === '/' ? '' : namespace}")</code></p>`}</div>`;
}

function row(s, { namespace, room }, actions) {
  const now = Date.now();
  const named = s.rooms.slice(0, MOST_ROOMS);
  return html`<tr data-id=${s.id}>
    <th scope="row"><code title="Connection ${s.clientId}">${s.id}</code>${s.user ? html`<span class="user">${s.user}</span>` : nothing}</th>
    <td><span class="badge ${s.transport}">${s.transport}</span></td>
    <td class="address">${s.address}</td>
    <td class="rooms ${named.length === 0 ? 'idle' : ''}">${named.length === 0 ? html`<span class="zero">none</span>` : nothing}
      ${named.map((name) => html`<a class="badge" href=${socketsHref(namespace, name)} aria-current=${name === room ? 'true' : 'false'}>${name}</a>`)}
      ${s.rooms.length > MOST_ROOMS ? html`<span class="note" title=${s.rooms.slice(MOST_ROOMS, 40).join(', ')}>+${s.rooms.length - MOST_ROOMS}</span>` : nothing}</td>
    <td class="n when"><time datetime=${format.exact(s.since)} title=${format.moment(s.since, now)}>${format.ago(s.since, now)}</time></td>
    <td class="n act"><button type="button" class="ghost danger" aria-label="Disconnect ${s.id}" title="Disconnect" @click=${() => actions.disconnect(namespace, s)}>${cross}</button></td>
  </tr>`;
}

function pager(page, list, label) {
  if (list.number === 1 && !list.page.next) return nothing;
  return html`<nav class="pager" aria-label=${label}>
    <button type="button" aria-label="Previous page" ?disabled=${list.number === 1} @click=${() => page.turn(list, 'previous')}>${back}</button>
    <span>Page ${list.number}</span>
    <button type="button" aria-label="Next page" ?disabled=${!list.page.next} @click=${() => page.turn(list, 'next')}>${forward}</button>
  </nav>`;
}

function events(page) {
  return html`<section class="panel live-events" aria-labelledby="events-title">
    <div class="section-head">
      <h2 id="events-title">Right now</h2>
      <span class="note">${page.paused ? 'paused' : 'all namespaces, newest first'}${page.leftOut > 0 ? ` · ${format.shortCount(page.leftOut)} more not shown` : ''}</span>
      <span class="spacer"></span>
      <button type="button" class="ghost text" id="pause-events" aria-pressed=${page.paused} @click=${() => page.togglePause()}>${page.paused ? play : pause}<span>${page.paused ? 'Go on' : 'Pause'}</span></button>
    </div>
    ${page.events.length === 0
      ? html`<p class="quiet">Quiet. Connects, joins and events appear here while you look.</p>`
      : html`<ol class="scroll" tabindex="0" aria-label="What happens right now">${repeat(page.events, (e) => e.number, event)}</ol>`}
  </section>`;
}

function event(e) {
  const [word, what] = KINDS[e.kind];
  const who = e.sockets > 1 ? html`<b>${format.plural(e.sockets, 'socket')}</b>` : html`<code title=${e.socket}>${e.socket}</code>`;
  return html`<li data-kind=${e.kind}>
    <time datetime=${format.exact(e.at)}>${format.clock(e.at)}</time>
    <span class="kind ${word}">${word}</span>
    <span class="what">${what === 'event' ? html`<b>${e.text}</b> <code class="arguments">${e.arguments}</code>` : what === 'room' ? html`<code>${e.text}</code>` : html`<span class="note">${e.text}</span>`}</span>
    <span class="who"><code>${e.namespace}</code> ${who}</span>
  </li>`;
}
