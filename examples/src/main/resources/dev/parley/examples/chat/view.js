// What the page shows. Text stays text: nothing of what people say becomes markup.

const MOST = 500; // entries on the page; older ones go
const NEAR_END = 80; // pixels
const GROUPED = 5 * 60_000;

const byId = (id) => document.getElementById(id);
const lines = byId('lines');
const scroll = byId('scroll');
const typists = new Map(); // by name: when to forget

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const whenFull = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function avatar(name) {
  const made = element('span', 'avatar', [...name][0].toUpperCase());
  made.style.setProperty('--hue', [...name].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 360, 7));
  made.setAttribute('aria-hidden', 'true');
  return made;
}

export function start({ say, typing, introduce }) {
  const text = byId('text');
  const send = () => {
    const words = text.value.trim();
    if (!words) return;
    text.value = '';
    say(words);
    toEnd();
  };
  byId('say').addEventListener('submit', (event) => (event.preventDefault(), send()));
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  text.addEventListener('input', () => text.value && typing());
  byId('open').addEventListener('submit', (event) => {
    event.preventDefault();
    location.hash = new FormData(event.target).get('room');
    event.target.reset();
  });
  byId('hello').addEventListener('close', () => {
    const chosen = byId('hello').querySelector('input').value.trim();
    if (chosen) introduce(chosen);
    else askName('', '');
  });
  byId('hello').addEventListener('cancel', (event) => byId('me').textContent || event.preventDefault());
  byId('me').addEventListener('click', () => askName(byId('me').textContent, ''));
  byId('newer').addEventListener('click', toEnd);
  scroll.addEventListener('scroll', () => isAtEnd() && (byId('newer').hidden = true));
}

export function askName(name, complaint) {
  const dialog = byId('hello');
  dialog.querySelector('input').value = name;
  byId('refused').textContent = complaint;
  if (!dialog.open) dialog.showModal();
}

export function showMe(name) {
  byId('me').replaceChildren(avatar(name), name);
  byId('text').focus();
}

export function showState(kind, words) {
  byId('state').dataset.state = kind;
  byId('state').textContent = words;
}

export function showRoom(room, rooms) {
  byId('room').textContent = `#${room}`;
  document.title = `#${room} · Parley chat`;
  byId('rooms').replaceChildren(...rooms.map((each) => {
    const link = element('a', '', `#${each}`);
    link.href = `#${each}`;
    if (each === room) link.setAttribute('aria-current', 'page');
    return element('li', '', link);
  }));
}

export function showPresent(names, mine) {
  byId('count').textContent = names.size === 1 ? '1 here' : `${names.size} here`;
  const sorted = [...names].sort((a, b) => a.localeCompare(b));
  byId('people').replaceChildren(...sorted.map((name) => {
    const who = element('span', '', name);
    return element('li', '', avatar(name), who, ...(name === mine ? [element('small', '', 'you')] : []));
  }));
}

export function clear() {
  lines.replaceChildren();
  byId('empty').hidden = true;
}

export function showIfEmpty() {
  byId('empty').hidden = lines.querySelector('.line') !== null;
}

/** Something said; when it is one of ours that was on its way, it takes its place among the others. */
export function showLine(line, mine) {
  rowOf(line.key)?.remove();
  typists.delete(line.name);
  showTypists();
  put(lineRow(line, mine));
}

/** Something of ours that nobody has yet. */
export function showPending(line) {
  const row = lineRow(line, true);
  row.classList.add('pending');
  row.querySelector('time').textContent = 'sending …';
  put(row);
}

export function showSent(key) {
  const row = rowOf(key);
  if (row?.classList.contains('pending')) row.querySelector('time').textContent = 'sent';
}

export function showRefused(key, reason) {
  const row = rowOf(key);
  row?.classList.add('refused');
  row?.querySelector('time').replaceChildren(reason);
}

export function showNote(words) {
  put(element('li', 'note', `${words} · ${clock.format(Date.now())}`));
}

function rowOf(key) {
  return lines.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

function lineRow({ key, name, text, at }, mine) {
  const time = element('time', '', clock.format(at));
  time.dateTime = new Date(at).toISOString();
  time.title = whenFull.format(at);
  const row = element('li', `line${mine ? ' mine' : ''}`,
    avatar(name), element('b', '', name), element('p', '', text), time);
  Object.assign(row.dataset, { key, name, at });
  return row;
}

/** Several lines of one person in a row need the name once. */
function group(row) {
  const before = row?.previousElementSibling?.dataset;
  row?.classList.toggle('grouped', row.dataset.name !== undefined && before?.name === row.dataset.name && row.dataset.at - before.at < GROUPED);
}

function put(row) {
  const follow = isAtEnd();
  byId('empty').hidden = true;
  // What is on its way stays last, for it has no place yet.
  const waiting = row.classList.contains('pending') ? null : lines.querySelector('.pending:not(.refused)');
  lines.insertBefore(row, waiting);
  group(row);
  group(waiting);
  while (lines.children.length > MOST) lines.firstChild.remove();
  if (follow) toEnd();
  else if (row.classList.contains('line')) byId('newer').hidden = false;
}

const isAtEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END;

function toEnd() {
  scroll.scrollTop = scroll.scrollHeight;
  byId('newer').hidden = true;
}

export function showTyping(name) {
  typists.set(name, Date.now() + 3000);
  showTypists();
  setTimeout(showTypists, 3100);
}

function showTypists() {
  for (const [name, until] of typists) if (until < Date.now()) typists.delete(name);
  const names = [...typists.keys()];
  byId('typing').textContent = names.length === 0 ? ''
    : names.length === 1 ? `${names[0]} is typing …`
      : names.length === 2 ? `${names[0]} and ${names[1]} are typing …` : 'Several people are typing …';
}
