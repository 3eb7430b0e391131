// The few icons there are, drawn on a 20 × 20 grid in the current colour.

import { svg, html } from './lit.js';

const icon = (paths) => html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">${paths}</svg>`;

export const plus = icon(svg`<path d="M10 4v12M4 10h12"/>`);
export const search = icon(svg`<circle cx="9" cy="9" r="5"/><path d="m13 13 4 4"/>`);
export const back = icon(svg`<path d="M12 5l-5 5 5 5"/>`);
export const forward = icon(svg`<path d="M8 5l5 5-5 5"/>`);
export const down = icon(svg`<path d="M10 4v11M5 10l5 5 5-5"/>`);
export const pause = icon(svg`<path d="M7 5v10M13 5v10"/>`);
export const play = icon(svg`<path d="M7 4.5v11l8.5-5.5z"/>`);
export const fork = icon(svg`<path d="M6 4v12M6 10c0-3 8-1 8-6"/><circle cx="14" cy="4" r="1.4"/>`);
export const lock = icon(svg`<rect x="4.5" y="9" width="11" height="7.5" rx="1.5"/><path d="M7 9V6.5a3 3 0 0 1 6 0V9"/>`);
export const trash = icon(svg`<path d="M4 6h12M8 6V4h4v2M6 6l.8 10.5h6.4L14 6"/>`);
export const key = icon(svg`<circle cx="7" cy="13" r="3"/><path d="m9.2 10.8 6.3-6.3M13 7l2 2"/>`);
export const clock = icon(svg`<circle cx="10" cy="10" r="6.5"/><path d="M10 6.5V10l2.5 1.5"/>`);
export const sun = icon(
  svg`<circle cx="10" cy="10" r="3"/><path d="M10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M15.3 4.7l-1.4 1.4M6.1 13.9l-1.4 1.4"/>`,
);
export const moon = icon(svg`<path d="M16 11.5A6.5 6.5 0 1 1 8.5 4a5.2 5.2 0 0 0 7.5 7.5z"/>`);
export const copy = icon(svg`<rect x="7" y="7" width="9" height="9" rx="1.5"/><path d="M4 12.5V4h8.5"/>`);
export const cross = icon(svg`<path d="m5 5 10 10M15 5 5 15"/>`);
export const chevron = icon(svg`<path d="m6 8 4 4 4-4"/>`);
export const send = icon(svg`<path d="M10 16V5M5 10l5-5 5 5"/>`);

export const stop = icon(svg`<rect x="5.5" y="5.5" width="9" height="9" rx="1.5" fill="currentColor"/>`);
export const archive = icon(svg`<rect x="3" y="4" width="14" height="4" rx="1"/><path d="M4.5 8v8h11V8M8 11h4"/>`);
export const menu = icon(svg`<path d="M3.5 5.5h13M3.5 10h13M3.5 14.5h13"/>`);
export const more = icon(svg`<circle cx="4.5" cy="10" r=".8" fill="currentColor"/><circle cx="10" cy="10" r=".8" fill="currentColor"/><circle cx="15.5" cy="10" r=".8" fill="currentColor"/>`);
export const pencil = icon(svg`<path d="m4 16 .8-3.5 8-8 2.7 2.7-8 8zM11 6.5l2.7 2.7"/>`);
export const again = icon(svg`<path d="M15.5 10a5.5 5.5 0 1 1-1.7-4M14.5 3v3.2h-3.2"/>`);
export const people = icon(svg`<circle cx="8" cy="7" r="2.6"/><path d="M3 16c0-3 2.2-4.6 5-4.6s5 1.6 5 4.6M13 4.7a2.6 2.6 0 0 1 0 4.6M14.5 11.800c1.6.6 2.5 2 2.5 4.2"/>`);
export const check = icon(svg`<path d="m4.5 10.5 3.5 3.5 7.5-8"/>`);
export const link = icon(svg`<path d="M8.5 11.5a3 3 0 0 0 4.300 0l2.7-2.7a3 3 0 0 0-4.300-4.300l-1 1M11.5 8.5a3 3 0 0 0-4.300 0l-2.7 2.7a3 3 0 0 0 4.300 4.300l1-1"/>`);
export const tool = icon(svg`<path d="M12.5 4a3.6 3.6 0 0 0-3.300 5L4 14.2 5.800 16 11 10.800a3.6 3.6 0 0 0 4.800-4.400l-2.2 2.2-2-.5-.5-2L13.300 4z"/>`);

export const logo = html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  ${svg`<rect width="32" height="32" rx="8"/>
  <g class="wires"><path d="M6 16h8"/><path d="M14 16c4 0 4-7 9-7"/><path d="M14 16h9"/><path d="M14 16c4 0 4 7 9 7"/></g>
  <g class="ends"><circle cx="25" cy="9" r="2.4"/><circle cx="25" cy="16" r="2.4"/><circle cx="25" cy="23" r="2.4"/></g>`}
</svg>`;
