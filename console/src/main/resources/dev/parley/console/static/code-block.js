// A block of code: its language, a button that copies it, and the text itself.

/** The button is answered by whoever shows it, by its class. */
export function codeBlock(source, language) {
  const figure = make('figure', 'code');
  const caption = make('figcaption');
  const name = make('span');
  name.textContent = language || 'text';
  const copy = make('button', 'copy-code link');
  copy.type = 'button';
  copy.textContent = 'Copy';
  caption.append(name, copy);
  const code = make('code');
  code.append(document.createTextNode(source));
  if (language) code.dataset.language = language.toLowerCase();
  const pre = make('pre');
  pre.tabIndex = 0; // it scrolls, so the keyboard reaches it
  pre.append(code);
  figure.append(caption, pre);
  return figure;
}

function make(name, className = '') {
  const node = document.createElement(name);
  if (className) node.className = className;
  return node;
}
