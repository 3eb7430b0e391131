// Markdown as elements. What a model says is hostile: nothing of it is ever read as markup, so there is nothing to
// sanitise. Only the elements below are made, links go to the web or to mail, and no image is loaded.

import { lexer } from '/webjars/marked/17.0.1/lib/marked.esm.js';
import { highlight } from './highlight.js';
import { codeBlock } from './code-block.js';

const MAX_CHARACTERS = 400_000; // of one text that is laid out; longer ones are shown as they are
const LINKS = new Set(['http:', 'https:', 'mailto:']);

/** A whole text. */
export function markdown(text, options = {}) {
  const root = element('div', 'prose');
  root.append(...blocks(tokensOf(text, options)));
  root.querySelectorAll('code[data-language]').forEach(highlight);
  return root;
}

/**
 * A text that grows. Blocks that are over are never touched again, and the last one is changed only where it differs, so
 * that the cost of a word is that of its block, and what a reader has selected stays selected.
 */
export class GrowingMarkdown {
  element = element('div', 'prose growing');

  #last = ''; // the source of the last block
  #length = 0;
  #open = 0; // how many of the children belong to it
  #dirty = false;

  append(text) {
    this.#last += text;
    this.#length += text.length;
    this.#dirty = true;
  }

  /** Brings the elements up to date. */
  draw() {
    if (!this.#dirty) return;
    this.#dirty = false;
    const tokens = this.#length > MAX_CHARACTERS ? [plain(this.#last)] : tokensOf(this.#last, {});
    let last = tokens.length - 1;
    while (last > 0 && tokens[last].type === 'space') last--;
    const over = blocks(tokens.slice(0, last));
    const growing = blocks(tokens.slice(last));
    const children = this.element.childNodes;
    const first = children.length - this.#open;
    [...over, ...growing].forEach((fresh, i) => {
      const shown = children[first + i];
      if (shown) change(shown, fresh);
      else this.element.append(fresh);
    });
    while (children.length > first + over.length + growing.length) this.element.lastChild.remove();
    for (let i = first; i < first + over.length; i++) children[i].querySelectorAll?.('code[data-language]').forEach(highlight);
    this.#open = growing.length;
    this.#last = tokens.slice(last).map((t) => t.raw).join('');
  }
}

function tokensOf(text, options) {
  if (text.length > MAX_CHARACTERS) return [plain(text)];
  try {
    return lexer(text, { gfm: true, ...options });
  } catch {
    return [plain(text)]; // nested deeper than the stack
  }
}

const plain = (text) => ({ type: 'paragraph', raw: text, tokens: [{ type: 'text', raw: text, text }] });

/** Makes `shown` the same as `fresh`, with as few changes as it takes. */
function change(shown, fresh) {
  if (shown.nodeName !== fresh.nodeName || shown.className !== fresh.className) return shown.replaceWith(fresh);
  if (shown.nodeType === Node.TEXT_NODE) {
    if (fresh.data === shown.data) return;
    if (fresh.data.startsWith(shown.data)) shown.appendData(fresh.data.slice(shown.data.length));
    else shown.data = fresh.data;
    return;
  }
  for (const { name, value } of fresh.attributes) if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  for (const { name } of [...shown.attributes]) if (!fresh.hasAttribute(name)) shown.removeAttribute(name);
  const wanted = [...fresh.childNodes];
  wanted.forEach((child, i) => (shown.childNodes[i] ? change(shown.childNodes[i], child) : shown.append(child)));
  while (shown.childNodes.length > wanted.length) shown.lastChild.remove();
}

const blocks = (tokens) => tokens.map(block).filter((node) => node !== null);

function block(token) {
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'heading':
      return fill(element(`h${Math.min(token.depth + 2, 6)}`), token); // h1 and h2 are the page's own
    case 'code':
      return codeBlock(token.text, token.lang?.match(/^[\w+#.-]+/)?.[0] ?? '');
    case 'blockquote':
      return filled(element('blockquote'), blocks(token.tokens));
    case 'list':
      return list(token);
    case 'table':
      return table(token);
    case 'hr':
      return element('hr');
    case 'html':
      return filled(element('p', 'source'), [text(token.raw.trimEnd())]);
    default:
      return fill(element('p'), token);
  }
}

function list(token) {
  const node = element(token.ordered ? 'ol' : 'ul');
  if (token.ordered && Number.isSafeInteger(token.start) && token.start !== 1) node.start = token.start;
  node.append(
    ...token.items.map((item) => {
      const one = element('li', item.task ? 'task' : '');
      if (item.task && !item.tokens.some(hasBox)) one.append(checkbox(item.checked));
      // A tight item's text stands in the item itself.
      for (const part of item.tokens) {
        if (part.type === 'text' || part.type === 'checkbox') one.append(...inline(part.type === 'text' && part.tokens ? part.tokens : [part]));
        else one.append(...blocks([part]));
      }
      return one;
    }),
  );
  return node;
}

const hasBox = (token) => token.type === 'checkbox' || (token.tokens ?? []).some((t) => t.type === 'checkbox');

function table(token) {
  const cell = (kind) => (of) => fill(element(kind, of.align ? `align-${of.align}` : ''), of);
  const row = (kind, cells) => filled(element('tr'), cells.map(cell(kind)));
  return filled(element('div', 'scroll-x'), [
    filled(element('table'), [
      filled(element('thead'), [row('th', token.header)]),
      filled(element('tbody'), token.rows.map((cells) => row('td', cells))),
    ]),
  ]);
}

const inline = (tokens) => tokens.flatMap(piece);

function piece(token) {
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return [fill(element(token.type), token)];
    case 'codespan':
      return [filled(element('code'), [text(token.text)])];
    case 'br':
      return [element('br')];
    case 'link':
      return link(token.href, inline(token.tokens));
    case 'image':
      // Loading it would tell a stranger who reads what and when.
      return link(token.href, [text(`▧ ${token.text || 'image'}`)]);
    case 'checkbox':
      return [checkbox(token.checked)];
    case 'html':
    case 'escape':
      return [text(token.type === 'html' ? token.raw : token.text)];
    default:
      return token.tokens ? inline(token.tokens) : [text(decoded(token.text ?? token.raw))];
  }
}

function link(href, content) {
  const url = URL.parse?.(href) ?? null;
  if (url === null || !LINKS.has(url.protocol)) return content;
  const node = filled(element('a'), content);
  node.href = url.href;
  node.title = url.href; // where it leads, whatever it calls itself
  node.target = '_blank';
  node.rel = 'noopener noreferrer nofollow';
  return [node];
}

function checkbox(checked) {
  const node = element('input');
  node.type = 'checkbox';
  node.disabled = true;
  node.toggleAttribute('checked', Boolean(checked));
  return node;
}

const fill = (node, token) => filled(node, inline(token.tokens ?? [token]));

function filled(node, children) {
  node.append(...children);
  node.normalize();
  return node;
}

function element(name, className = '') {
  const node = document.createElement(name);
  if (className) node.className = className;
  return node;
}

const text = (of) => document.createTextNode(of);

/** Character references, which a browser would have read. */
function decoded(source) {
  if (!/&[#\w]+;/.test(source)) return source;
  return new DOMParser().parseFromString(source.replaceAll('<', '&lt;'), 'text/html').documentElement.textContent;
}
