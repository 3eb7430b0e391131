// Colours for code. The library is fetched when the first block asks for it; what it answers is read as inert markup, of
// which only text and its own classes are taken over.

const LIBRARY = '/webjars/highlightjs/11.11.1/highlight.min.js';
const MAX_CHARACTERS = 60_000;
const CLASS = /^(hljs-)?[a-z_-]+_*$/;

let loading = null;

// It is no module: it leaves one global name.
function library() {
  loading ??= new Promise((done, refuse) => {
    const script = document.createElement('script');
    script.src = LIBRARY;
    script.onload = () => done(window.hljs);
    script.onerror = () => ((loading = null), refuse(new Error(LIBRARY)));
    document.head.append(script);
  });
  return loading;
}

/** Colours a `code` element that names its language, if that is a known one; without the library it stays plain. */
export async function highlight(code) {
  const language = code.dataset.language;
  const source = code.textContent;
  if (source.length > MAX_CHARACTERS) return;
  const hljs = await library().catch(() => null);
  if (!hljs?.getLanguage(language) || code.textContent !== source) return;
  const { value } = hljs.highlight(source, { language, ignoreIllegals: true });
  const coloured = [...new DOMParser().parseFromString(value, 'text/html').body.childNodes].map(taken);
  if (coloured.map((node) => node.textContent).join('') === source) code.replaceChildren(...coloured);
}

function taken(node) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
  const span = document.createElement('span');
  span.className = [...(node.classList ?? [])].filter((name) => CLASS.test(name)).join(' ');
  span.append(...[...node.childNodes].map(taken));
  return span;
}
