// The page: what is on screen, where the address leads, and one rendering a frame however much has changed.

import { html, nothing, render } from './lit.js';
import { closeQuestion, createQuestion, deleteQuestion, dialogView, Dialogs, disconnectQuestion, forkQuestion, tokenQuestion } from './dialogs.js';
import { ChatPage } from './chat-page.js';
import { chatView } from './chat-view.js';
import { NodeHealth, healthLine, healthPanel } from './node-health.js';
import { SocketsPage } from './sockets-page.js';
import { socketsHref, socketsView } from './sockets-view.js';
import { LIST_HREF, StreamList, hrefOf, listView } from './stream-list.js';
import { StreamPage, streamView } from './stream-view.js';
import { isDark, toggleTheme } from './theme.js';
import { token } from './api.js';
import { key, logo, moon, sun } from './icons.js';

const TOAST_MS = 4000;
const QUICK_MS = 8; // a drawing that takes no longer needs no rest after it

const root = document.getElementById('app');
const health = new NodeHealth(changed);
const dialogs = new Dialogs(changed);
let chat = null; // made when first looked at; its drafts and what it has to send outlive a look at something else
let chatting = false;
let list = null;
let page = null;
let sockets = null;
let toast = null;
let toastTimer = null;
let scheduled = false;
let restUntil = 0;

function changed() {
  if (scheduled) return;
  scheduled = true;
  setTimeout(nextFrame, restUntil - performance.now());
}

// A hidden tab draws no frames, so it renders nothing until it is looked at again. A busy stream may change faster than
// this machine draws: after a drawing comes a rest of the same length and more, so that clicks and keys get their turn.
const nextFrame = () =>
  requestAnimationFrame(() => {
    scheduled = false;
    const began = performance.now();
    draw();
    const cost = performance.now() - began;
    restUntil = began + (cost > QUICK_MS ? 3 * cost : 0);
  });

const actions = {
  create: (path) => dialogs.ask(createQuestion(path, (created) => arrive(created, `Created ${created}`))),
  fork: (path, feed) => dialogs.ask(forkQuestion(path, feed.position ?? feed.messages.at(-1)?.offset ?? feed.tail, feed.token, (forked) => arrive(forked, `Forked ${path}`))),
  close: (path) => dialogs.ask(closeQuestion(path, () => (say(`Closed ${path}`), page?.feed.refresh()))),
  remove: (path) => dialogs.ask(deleteQuestion(path, () => (say(`Deleted ${path}`), (location.hash = LIST_HREF)))),
  disconnect: (namespace, socket) => dialogs.ask(disconnectQuestion(namespace, socket, () => (say(`Disconnected ${socket.user ?? socket.id}`), sockets?.load()))),
  token: () => dialogs.ask(tokenQuestion(() => (say('Token changed'), health.poll(), chat?.end(), (chat = null), route()))),
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      say('Copied');
    } catch {
      say('The browser does not allow copying here: select the text instead');
    }
  },
};

function arrive(path, words) {
  say(words);
  if (location.hash === hrefOf(path)) route();
  else location.hash = hrefOf(path);
}

function say(words) {
  toast = words;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    toast = null;
    changed();
  }, TOAST_MS);
  changed();
}

/**
 * Addresses: #/ is a new conversation, #/chat/ID one there is, with /BRANCH for one of its branches; #/streams is the list of streams; #/stream/PATH a stream, with ?position=N or ?at=TIME for its past; #/sockets/NAMESPACE the
 * sockets of a namespace, with ?room=NAME those of one room.
 */
function route() {
  for (const left of [list, page, sockets]) left?.end();
  list = page = sockets = null;
  const [, where, encoded = '', query] = location.hash.match(/^#\/(chat|streams|stream|sockets)(?:\/([^?]*))?(?:\?(.*))?$/) ?? [];
  chatting = where === undefined || where === 'chat';
  if (!chatting) chat?.end();
  health.watch(!chatting);
  const asked = new URLSearchParams(query);
  if (chatting) {
    chat ??= new ChatPage(changed, say, actions.copy, dialogs);
    chat.open(...encoded.split('/').map(decoded));
  } else if (where === 'sockets') {
    sockets = new SocketsPage(decoded(encoded) || '/', asked.get('room'), changed);
    sockets.open();
    document.title = `Sockets of ${sockets.namespace} · Parley`;
  } else if (where === 'stream' && encoded) {
    const at = Date.parse(asked.get('at') ?? '');
    page = new StreamPage(decoded(encoded), changed);
    page.open(/^\d+$/.test(asked.get('position') ?? '') ? Number(asked.get('position')) : null, Number.isNaN(at) ? null : at);
    document.title = `${page.path} · Parley`;
  } else {
    list = new StreamList(changed);
    list.open();
    document.title = 'Streams · Parley';
  }
  changed();
}

function decoded(encoded) {
  try {
    return encoded.split('/').map(decodeURIComponent).join('/');
  } catch {
    return encoded; // not an address this console wrote: show that there is no such stream
  }
}

function draw() {
  render(
    html`<header class="top ${chatting ? 'slim' : ''}">
        <a class="brand" href="#/" aria-label="Parley: new conversation">${logo}<span>Parley</span></a>
        <nav class="views" aria-label="Views">
          <a href="#/" aria-current=${chatting ? 'page' : 'false'}>Chat</a><a href=${LIST_HREF} aria-current=${list || page ? 'page' : 'false'}>Streams</a><a href=${socketsHref()} aria-current=${sockets ? 'page' : 'false'}>Sockets</a>
        </nav>
        ${chatting ? html`<span class="spacer"></span>` : healthLine(health)}
        <div class="tools">
          ${health.node?.authRequired || health.refused || token.get() ? html`<button type="button" class="ghost" id="token" @click=${actions.token} aria-label="Token" title="Token">${key}</button>` : nothing}
          <button type="button" class="ghost" id="theme" @click=${() => (toggleTheme(), changed())} aria-label=${isDark() ? 'Use the light theme' : 'Use the dark theme'} title=${isDark() ? 'Light' : 'Dark'}>${isDark() ? sun : moon}</button>
        </div>
      </header>
      ${health.reachable || chatting ? nothing : html`<p class="banner" role="alert">The server cannot be reached. What you see may be old; the console keeps trying.
        <button type="button" class="link" @click=${() => health.poll()}>Try now</button></p>`}
      ${chatting ? nothing : healthPanel(health)}
      <main id="main" tabindex="-1">${chatting ? chatView(chat, actions) : page ? streamView(page, actions) : sockets ? socketsView(sockets, actions) : list ? listView(list, actions) : nothing}</main>
      <div class="toast" role="status" aria-live="polite">${toast ? html`<span>${toast}</span>` : nothing}</div>
      ${dialogView(dialogs)}`,
    root,
  );
  page?.rendered(root);
  if (chatting) chat.rendered(root);
  dialogs.rendered(root);
}

function onKey(event) {
  if (chatting && !dialogs.question && chatKey(event)) return event.preventDefault();
  if (event.ctrlKey || event.metaKey || event.altKey || dialogs.question) return;
  if (event.target.closest('input, textarea, select, [contenteditable]')) return;
  const act = page
    ? { l: () => page.feed.position !== null && page.feed.goLive(), p: () => page.togglePause(), ArrowLeft: () => page.step(-1), ArrowRight: () => page.feed.position !== null && page.step(1) }[event.key]
    : { '/': () => document.getElementById('search')?.focus() }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

/** Keys that count wherever one is in the chat. True when it was one. */
function chatKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
    if (!chat.side && matchMedia('(max-width: 820px)').matches) chat.toggleSide();
    setTimeout(() => document.getElementById('find')?.select());
    return true;
  }
  if (event.key !== 'Escape' || event.isComposing || event.target.closest('select')) return false;
  const menu = document.querySelector('details.menu[open]');
  if (menu) {
    menu.open = false;
    menu.querySelector('summary').focus();
  } else if (chat.side) chat.toggleSide();
  else if (event.target.id === 'find') document.getElementById('say')?.focus();
  else chat.stop();
  return true;
}

addEventListener('hashchange', route);
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault(); // the hash is the address of what is on screen
  document.getElementById('main').focus();
});
addEventListener('keydown', onKey);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
route();
health.poll();
