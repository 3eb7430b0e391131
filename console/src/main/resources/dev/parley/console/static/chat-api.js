// The server's conversations as this page asks for them, and who asks.

import { request, token } from './api.js';

const TIMEOUT_MS = 15_000;
const PERSON_KEY = 'parley.person';

/** The name a person goes by on a server without keys; with keys it is the token that says. */
export const person = {
  get: () => localStorage.getItem(PERSON_KEY) ?? '',
  set(name) {
    if (name) localStorage.setItem(PERSON_KEY, name);
    else localStorage.removeItem(PERSON_KEY);
  },
};

/** Whom a token is for, read and not checked: the server does that. Null when it is not one that can be read. */
export function subject() {
  try {
    const claims = atob(token.get().split('.')[1].replaceAll('-', '+').replaceAll('_', '/'));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(claims, (c) => c.charCodeAt(0)))).sub ?? null;
  } catch {
    return null;
  }
}

/** A name nobody else has given: 128 random bits. */
export const newId = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

export const list = (archived) => call('GET', '/api/conversations', { query: { archived } });
export const personas = () => call('GET', '/api/personas');
export const providers = () => call('GET', '/api/providers');

export const create = (fields) => call('POST', '/api/conversations', { body: fields });
export const snapshot = (id, branch, signal, before) => call('GET', conversation(id), { query: { branch, ...(before && { before }) }, signal });
export const change = (id, fields) => call('PATCH', conversation(id), { body: fields });
export const remove = (id) => call('DELETE', conversation(id));
export const addMember = (id, who, role) => call('PUT', `${conversation(id)}/members/${encodeURIComponent(who)}`, { body: { role } });
export const removeMember = (id, who) => call('DELETE', `${conversation(id)}/members/${encodeURIComponent(who)}`);

export const say = (id, message) => call('POST', `${conversation(id)}/turns`, { body: message });
export const edit = (id, turn, message) => call('POST', `${conversation(id)}/turns/${encodeURIComponent(turn)}/edit`, { body: message });
export const regenerate = (id, turn, branch) => call('POST', `${conversation(id)}/turns/${encodeURIComponent(turn)}/regenerate`, { body: { branch } });
export const reply = (id, branch) => call('POST', `${conversation(id)}/reply`, { body: { branch } });
export const read = (id, branch, offset) => call('POST', `${conversation(id)}/read`, { body: { branch, offset } });
export const typing = (id, is) => call('POST', `${conversation(id)}/typing`, { body: { typing: is } });
export const warm = (id, persona) => call('POST', `${conversation(id)}/warm`, { body: persona ? { persona } : {} });

export const stop = (run) => call('POST', `${runOf(run)}/stop`, { body: {} });
export const steer = (run, message) => call('POST', `${runOf(run)}/steer`, { body: message });
export const approve = (run, callId) => call('POST', `${runOf(run)}/approve`, { body: { call: callId } });
export const deny = (run, callId, reason) => call('POST', `${runOf(run)}/deny`, { body: { call: callId, reason } });

export const eventsUrl = (id, branch, after) => withPerson(`${conversation(id)}/events`, { branch, after });
export const runUrl = (run) => withPerson(runOf(run), {});

const conversation = (id) => `/api/conversations/${encodeURIComponent(id)}`;
const runOf = (run) => `/api/runs/${encodeURIComponent(run)}`;

/** In the address and not in a header, which holds no letters beyond Latin-1. */
function withPerson(path, query) {
  const asked = new URLSearchParams(query);
  if (person.get()) asked.set('person', person.get());
  return asked.size > 0 ? `${path}?${asked}` : path;
}

async function call(method, path, { query = {}, body, signal } = {}) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const response = await request(withPerson(path, query), {
    method,
    headers: { Accept: 'application/json', ...(body ? { 'Content-Type': 'application/json' } : {}) },
    body: body && JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    cache: 'no-store',
  });
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}
