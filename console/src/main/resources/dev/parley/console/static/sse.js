// Server-sent events out of a fetch body, as the HTML standard §9.2.6 reads them.

const MAX_PENDING = 64 * 1024 * 1024; // characters of one unfinished event; more is no event this page could show

/**
 * Yields { event, data, id } for every dispatched event, the id being the last one given; ends when the server closes the
 * response. `heard` is called for whatever arrives, comments too.
 */
export async function* events(body, heard = () => {}) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = '';
  let event = '';
  let id = null;
  let data = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      heard();
      if (done) return; // an unfinished event is dropped, as the standard says
      const text = pending + value;
      let start = 0;
      for (;;) {
        const end = lineEnd(text, start);
        if (end < 0) break;
        const line = text.slice(start, end);
        start = text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
        if (line === '') {
          if (data.length > 0) yield { event: event || 'message', data: data.join('\n'), id };
          event = '';
          data = [];
          size = 0;
          continue;
        }
        const colon = line.indexOf(':');
        const field = colon < 0 ? line : line.slice(0, colon);
        const content = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
        if (field === 'data') {
          data.push(content);
          size += content.length;
        } else if (field === 'event') {
          event = content;
        } else if (field === 'id') {
          id = content;
        }
      }
      pending = text.slice(start);
      if (pending.length + size > MAX_PENDING) throw new Error(`event: over ${MAX_PENDING} characters`);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function lineEnd(text, start) {
  for (let i = start; i < text.length; i++) {
    if (text[i] === '\n') return i;
    // A CR at the very end may be half of a CRLF: wait for the next chunk.
    if (text[i] === '\r') return i + 1 < text.length ? i : -1;
  }
  return -1;
}
