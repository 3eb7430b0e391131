// The one place that names this library and its version; StaticFilesTest holds it to what the build really packs.
export { html, svg, nothing, render } from '/webjars/lit-html/3.3.2/lit-html.js';
export { repeat } from '/webjars/lit-html/3.3.2/directives/repeat.js';
export { guard } from '/webjars/lit-html/3.3.2/directives/guard.js';
export { live } from '/webjars/lit-html/3.3.2/directives/live.js';
