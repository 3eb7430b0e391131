// The chat's side of the conversation: what is sent, what is heard, and what is known after the connection was lost.
import * as view from './view.js';

const ROOMS = ['lobby', 'kitchen', 'night-shift'];
const PAST = 200; // as many as the server gives to one who joins
const PRESENCE_DELAY = 3000; // after a restart, others need a moment to be back too

let name = sessionStorage.getItem('name') ?? '';
let room = '';
let known = new Set(); // keys of what is shown
let present = new Set();
let joining = null; // what comes while the past is on its way
let wasConnected = false;
let lastTyping = 0; // when others were told

const me = crypto.getRandomValues(new Uint32Array(4)).join('-'); // of this page, until it is loaded again
const said = new Map(); // by room: how much this page has said there

// With `retries` the client sends each event again until it is answered, also to a server that was started again.
const socket = window.io('/chat', {
  auth: (tell) => tell({ name }),
  autoConnect: false,
  retries: Infinity,
  ackTimeout: 5000,
  reconnectionDelay: 250,
  reconnectionDelayMax: 2000,
});

socket.on('connect', () => {
  view.showState('live', 'Connected');
  if (wasConnected) view.showNote(socket.recovered ? 'Back, with everything that was said meanwhile' : 'Back');
  if (wasConnected && socket.recovered) setTimeout(askWhoIsHere, PRESENCE_DELAY);
  else if (room) join();
  wasConnected = true;
});

socket.on('disconnect', (reason) => {
  if (reason === 'io client disconnect') return;
  view.showState('wait', 'Connection lost – coming back …');
  view.showNote('Connection lost');
  if (reason === 'io server disconnect') socket.connect();
});

socket.on('connect_error', (error) => {
  if (socket.active) view.showState('wait', 'No server – trying again …');
  else view.askName(name, error.message); // refused, so it is not tried again
});

socket.on('message', (line) => {
  if (line.room !== room) return;
  if (joining) joining.push(line);
  else show(line);
});

socket.on('joined', (where, who) => {
  if (where !== room || present.has(who)) return;
  present.add(who);
  view.showNote(`${who} joined`);
  view.showPresent(present, name);
});

socket.on('left', (where, who) => {
  if (where !== room || !present.delete(who)) return;
  view.showNote(`${who} left`);
  view.showPresent(present, name);
});

socket.on('typing', (where, who) => where === room && view.showTyping(who));

function show(line) {
  if (known.has(line.key)) return;
  known.add(line.key);
  view.showLine(line, line.name === name);
}

/** Joins the room and shows its past; what is there already stays where it is. */
async function join() {
  const mine = (joining = []);
  const { error, past, present: here } = await socket.emitWithAck('join', room);
  if (mine !== joining) return; // another room was chosen meanwhile
  joining = null;
  if (error) return view.showNote(error);
  if (past.length === PAST && !past.some((line) => known.has(line.key))) forget();
  [...past, ...mine].forEach(show);
  present = new Set(here);
  view.showPresent(present, name);
  view.showIfEmpty();
}

function forget() {
  known = new Set();
  view.clear();
}

async function askWhoIsHere() {
  const asked = room;
  const here = await socket.emitWithAck('who', asked);
  if (asked === room && !joining) view.showPresent((present = new Set(here)), name);
}

function enter(next) {
  if (next === room) return;
  if (room) socket.emit('leave', room);
  room = next;
  present = new Set();
  forget();
  view.showRoom(room, [...new Set([...ROOMS, room])]);
  if (socket.connected) join();
}

async function say(text) {
  const where = room;
  const n = said.get(where) ?? 0;
  said.set(where, n + 1);
  lastTyping = 0;
  const key = `${me}.${n}`;
  view.showPending({ key, name, text, at: Date.now() });
  const { error } = await socket.emitWithAck('say', { room: where, text, from: me, n });
  if (error) view.showRefused(key, error);
  else view.showSent(key);
}

function typing() {
  if (Date.now() - lastTyping < 1500) return;
  lastTyping = Date.now();
  socket.volatile.emit('typing', room);
}

function introduce(chosen) {
  name = chosen;
  sessionStorage.setItem('name', name);
  view.showMe(name);
  wasConnected = false;
  socket.disconnect().connect();
}

const roomInAddress = () => (/^#[a-z0-9][a-z0-9-]{0,23}$/.test(location.hash) ? location.hash.slice(1) : 'lobby');
addEventListener('hashchange', () => enter(roomInAddress()));
view.start({ say, typing, introduce });
enter(roomInAddress());
if (name) introduce(name);
else view.askName('', '');
