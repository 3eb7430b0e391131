// One message: its number, its time, and what it says. What it says is only ever text, never markup (Durable Streams
// §12.3): every piece goes through a text node.

import { html, nothing, guard } from './lit.js';
import * as format from './format.js';
import { hexRows } from './bytes.js';
import { lines } from './json.js';

const FOLDED_LINES = 16;
const FOLDED_TEXT = 1500;
const FOLDED_BYTES = 256;
const MOST_TEXT = 64 * 1024; // even unfolded: the page stays quick
const MOST_BYTES = 8 * 1024;

export function messageView(m, { json, unfolded, unfold, narrow, now, last }) {
  return html`<li class="message ${last ? 'last' : ''}" data-offset=${m.offset}>
    <div class="mark">
      <span class="offset">#${m.offset}</span>
      <time datetime=${format.exact(m.at)} title="${m.received ? 'Received here' : 'Stored'} ${format.day(m.at)} ${format.clock(m.at)}">${format.moment(m.at, now)}</time>
    </div>
    <div class="body">${guard([m, unfolded, narrow], () => (m.data ? bytesBody(m, unfolded, unfold, narrow) : textBody(m, json, unfolded, unfold, narrow)))}</div>
    <div class="aside">
      ${m.producer ? html`<span class="producer" title="Producer ${m.producer.id}, epoch ${m.producer.epoch}, sequence ${m.producer.seq ?? m.producer.sequence}">${m.producer.id}</span>` : nothing}
      <span class="size">${format.bytes(m.bytes)}</span>
    </div>
  </li>`;
}

function textBody(m, json, unfolded, unfold, narrow) {
  const shown = m.text.length <= MOST_TEXT ? m.text : m.text.slice(0, MOST_TEXT);
  const laid = json && shown === m.text ? lines(shown, narrow ? 44 : 96) : null;
  if (laid) {
    const folded = !unfolded && laid.length > FOLDED_LINES;
    return html`${jsonBlock(folded ? laid.slice(0, FOLDED_LINES - 2) : laid)}
      ${folded ? more(`Show all ${format.plural(laid.length, 'line')}`, unfold) : nothing}`;
  }
  const trimmed = shown.endsWith('\n') ? shown.slice(0, -1) : shown;
  const folded = !unfolded && trimmed.length > FOLDED_TEXT;
  const cut = m.text.length > MOST_TEXT;
  return html`<pre>${folded ? trimmed.slice(0, FOLDED_TEXT) + '…' : trimmed}</pre>
    ${folded ? more(`Show ${cut ? 'more of' : 'all'} ${format.bytes(m.bytes)}`, unfold) : nothing}
    ${!folded && cut ? html`<p class="cut">The rest of ${format.bytes(m.bytes)} is not shown.</p>` : nothing}`;
}

// Made by hand and not by a template: a message has dozens of pieces, and they never change.
function jsonBlock(laid) {
  const pre = document.createElement('pre');
  laid.forEach((line, i) => {
    if (i > 0) pre.append('\n');
    for (const [kind, text] of line) {
      if (kind === 'mark') {
        pre.append(text);
        continue;
      }
      const span = document.createElement('span');
      span.className = 'json-' + kind;
      span.textContent = text;
      pre.append(span);
    }
  });
  return pre;
}

function bytesBody(m, unfolded, unfold, narrow) {
  const most = unfolded ? MOST_BYTES : FOLDED_BYTES;
  const rows = hexRows(m.data.subarray(0, most), narrow ? 8 : 16);
  return html`<pre class="hex">${rows.map(
      (r, i) => html`${i > 0 ? '\n' : ''}<span class="at">${r.at}</span>  ${r.hex}  <span class="ascii">${r.text}</span>`,
    )}</pre>
    ${m.data.length > most && !unfolded ? more(`Show all ${format.bytes(m.data.length)}`, unfold) : nothing}
    ${m.data.length > most && unfolded ? html`<p class="cut">The rest of ${format.bytes(m.data.length)} is not shown.</p>` : nothing}`;
}

const more = (words, unfold) => html`<button type="button" class="link more" @click=${unfold}>${words}</button>`;
