// JSON for the eye. Works on the source text and never on parsed values, so 1.0, 1e3 and 20-digit numbers are shown
// as they were written.

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/g;
const MAX_DEPTH = 64;

/** The texts of the elements of a top-level array. */
export function elements(text) {
  const found = [];
  let depth = 0;
  let start = -1;
  for (const match of text.matchAll(TOKEN)) {
    const t = match[0];
    if (depth === 1 && start < 0 && t !== ',' && t !== ']') start = match.index;
    if (t === '{' || t === '[') depth++;
    else if (t === '}' || t === ']') depth--;
    if (start >= 0 && ((depth === 1 && t === ',') || depth === 0)) {
      found.push(text.slice(start, match.index).trim());
      start = -1;
    }
  }
  return found;
}

/**
 * The text laid out in lines, each a list of [kind, text] pieces; kind is key, string, number, word or mark. What fits
 * in `width` characters stays on one line. Null when it is no JSON, or nested deeper than anyone would read.
 */
export function lines(text, width) {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const tokens = text.match(TOKEN) ?? [];
  const root = tree({ tokens, at: 0 }, 0);
  if (root === null) return null;
  const out = [[]];
  lay(root, '', width, out);
  return out;
}

function tree(source, depth) {
  if (depth > MAX_DEPTH) return null;
  const t = source.tokens[source.at++];
  if (t !== '{' && t !== '[') return { pieces: [[kindOf(t), t]], width: t.length };
  const close = t === '{' ? '}' : ']';
  const items = [];
  let width = 2;
  while (source.tokens[source.at] !== close) {
    if (source.tokens[source.at] === ',') source.at++;
    let key = null;
    if (t === '{') {
      key = source.tokens[source.at];
      source.at += 2; // the key and its colon
    }
    const value = tree(source, depth + 1);
    if (value === null) return null;
    items.push({ key, value });
    width += value.width + (items.length > 1 ? 2 : 0) + (key === null ? 0 : key.length + 2);
  }
  source.at++;
  return { open: t, close, items, width };
}

function lay(node, indent, width, out) {
  const line = () => out[out.length - 1];
  if (node.pieces) {
    line().push(...node.pieces);
    return;
  }
  const flat = indent.length + node.width <= width;
  line().push(['mark', node.open]);
  const inner = indent + '  ';
  node.items.forEach(({ key, value }, i) => {
    if (!flat) out.push([['mark', inner]]);
    if (key !== null) line().push(['key', key], ['mark', ': ']);
    lay(value, inner, width, out);
    if (i < node.items.length - 1) line().push(['mark', flat ? ', ' : ',']);
  });
  if (!flat) out.push([['mark', indent]]);
  line().push(['mark', node.close]);
}

const kindOf = (t) => (t[0] === '"' ? 'string' : /^[-\d]/.test(t) ? 'number' : 'word');
