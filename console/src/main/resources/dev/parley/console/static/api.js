// The server as this page sees it: its addresses, the token, and failures in words a person can act on.

const TOKEN_KEY = 'parley.token';
const TIMEOUT_MS = 10_000;

/** The server answered, and the answer is no: its HTTP status, its own word for why, and whether to come back. */
export class Refused extends Error {
  constructor(status, { message, code = '', retry = false }) {
    super(message);
    this.status = status;
    this.code = code;
    this.retry = retry;
  }
}

/** No answer came at all: the server is down, or the network between is. */
export class Unreachable extends Error {}

// sessionStorage: the token ends with the tab and is never sent by the browser on its own, as a cookie would be.
export const token = {
  get: () => sessionStorage.getItem(TOKEN_KEY) ?? '',
  set(value) {
    if (value) sessionStorage.setItem(TOKEN_KEY, value);
    else sessionStorage.removeItem(TOKEN_KEY);
  },
};

const encoded = (path) => path.split('/').map(encodeURIComponent).join('/');

export const streamUrl = (path) => '/v1/stream/' + encoded(path);

export const node = () => getJson('/api/node');

export const streams = ({ prefix = '', after = '', limit = 50 }) =>
  getJson('/api/streams?' + query({ prefix, after, limit }));

/**
 * One stream's line of the list, or null when there is none. The list is ordered, so an exact match comes first. It leaves
 * out what a token may not read, so with a token the stream itself is asked why: 403 is thrown.
 */
export async function stream(path, signal) {
  const page = await getJson('/api/streams?' + query({ prefix: path, limit: 1 }), signal);
  const found = page.streams[0];
  if (found?.path === path) return found;
  if (!token.get()) return null;
  return unless(404, getJson('/api/streams/' + encoded(path), signal));
}

/** Whether something is at a path, as far as the token shows; who may not look learns it from the attempt. */
export const exists = async (path) => (await unless(403, stream(path))) !== null;

const unless = (status, asked) =>
  asked.catch((failure) => {
    if (failure.status === status) return null;
    throw failure;
  });

export const messages = (path, after, limit, signal) =>
  getJson('/api/messages?' + query({ path, after, limit }), signal);

/** Where the stream stood at a time: the offset of the last message of that moment, 0 before the first. */
export const offsetAt = (path, date, signal) =>
  getJson('/api/offset?' + query({ path, at: date.toISOString() }), signal);

export const sockets = () => getJson('/api/sockets?' + query({ limit: 100 }));

export const rooms = (asked) => getJson('/api/sockets/rooms?' + query(asked));

export const socketList = (asked) => getJson('/api/sockets/list?' + query(asked));

/** What happened after an event; the server listens only while somebody asks. */
export const socketEvents = (asked) => getJson('/api/sockets/events?' + query(asked));

export const disconnect = (namespace, id, close) =>
  request('/api/sockets/disconnect?' + query({ namespace, id, close }), { method: 'POST', signal: AbortSignal.timeout(TIMEOUT_MS) });

export const create = (path, contentType, ttlSeconds) =>
  send('PUT', path, { 'Content-Type': contentType, ...(ttlSeconds ? { 'Stream-TTL': String(ttlSeconds) } : {}) });

export const fork = (path, source, offsetToken) =>
  send('PUT', path, { 'Stream-Forked-From': streamUrl(source), 'Stream-Fork-Offset': offsetToken });

export const append = (path, contentType, body) => send('POST', path, { 'Content-Type': contentType }, body);

export const close = (path) => send('POST', path, { 'Stream-Closed': 'true' });

export const remove = (path) => send('DELETE', path, {});

/** A live read (Durable Streams §5.8). fetch and not EventSource, which can send no Authorization header. */
export async function follow(path, offset, signal) {
  const url = streamUrl(path) + '?' + query({ live: 'sse', offset });
  return request(url, { headers: { Accept: 'text/event-stream' }, signal, cache: 'no-store' });
}

const query = (parameters) => new URLSearchParams(parameters).toString();

async function getJson(url, signal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const response = await request(url, {
    headers: { Accept: 'application/json' },
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    cache: 'no-store',
  });
  return response.json();
}

const send = (method, path, headers, body) =>
  request(streamUrl(path), { method, headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });

export async function request(url, options) {
  const headers = { ...options.headers };
  if (token.get()) headers.Authorization = 'Bearer ' + token.get();
  let response;
  try {
    response = await fetch(url, { ...options, headers });
  } catch (failure) {
    if (options.signal?.aborted && options.signal.reason?.name !== 'TimeoutError') throw failure;
    throw new Unreachable('The server cannot be reached.');
  }
  if (!response.ok) throw new Refused(response.status, await explanation(response));
  return response;
}

async function explanation(response) {
  const text = (await response.text().catch(() => '')).slice(0, 2000);
  try {
    const body = JSON.parse(text);
    const message = body.error?.message ?? body.message ?? body.error;
    if (typeof message === 'string') return { message, code: body.error?.code, retry: body.error?.retry };
  } catch {
    // Not JSON: the text is the explanation.
  }
  return { message: text.trim() || `HTTP ${response.status}` };
}
