// Bytes for the eye and back. Pure functions.

/** Whether people can read it as it is. */
export const isText = (contentType) => /^text\/|json|xml/i.test(contentType ?? '');

/** Whether the server keeps its messages apart as JSON values (§9.1); +json types are bytes to it. */
export const isJson = (contentType) => /^application\/json\s*(;|$)/i.test(contentType ?? '');

/** Bytes as text; null when they are not UTF-8. */
export function utf8(data) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return null;
  }
}

export const fromBase64 = (text) => Uint8Array.from(atob(text.replace(/[\r\n]/g, '')), (c) => c.charCodeAt(0));

/** Rows of a hex dump: { at, hex, text }. */
export function hexRows(data, perRow) {
  const rows = [];
  for (let at = 0; at < data.length; at += perRow) {
    const part = data.subarray(at, at + perRow);
    const hex = Array.from(part, (b) => b.toString(16).padStart(2, '0'));
    rows.push({
      at: at.toString(16).padStart(6, '0'),
      hex: hex.join(' ').padEnd(perRow * 3 - 1),
      text: String.fromCharCode(...part.map((b) => (b >= 32 && b < 127 ? b : 46))),
    });
  }
  return rows;
}

/** "de ad be:ef" as bytes; null when it is not pairs of hex digits. */
export function fromHex(text) {
  const digits = text.replace(/0x|[\s:,-]/gi, '');
  if (digits.length === 0 || digits.length % 2 === 1 || /[^0-9a-f]/i.test(digits)) return null;
  return Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16));
}
