// A command to copy into a terminal.

import { html } from './lit.js';
import { copy } from './icons.js';

export const example = (title, command, actions) => html`<figure class="example">
  <figcaption>${title}</figcaption>
  <pre tabindex="0">${command}</pre>
  <button type="button" class="ghost" aria-label="Copy the command: ${title}" title="Copy" @click=${() => actions.copy(command)}>${copy}</button>
</figure>`;
