// What a page says when the server does not give it what it shows.

import { html } from './lit.js';

export function trouble(what, problem, again, actions) {
  const denied = problem.status === 401 || problem.status === 403;
  return html`<div class="panel quiet">
    <h2>${denied ? 'The server asks who you are' : `${what} not available`}</h2>
    <p>${problem.message}</p>
    <p>${denied
      ? html`<button type="button" class="primary" @click=${actions.token}>Enter a token</button>`
      : html`<button type="button" @click=${again}>Try again</button>`}</p>
  </div>`;
}
