// A line of recent values: a few dozen points need an SVG path, not a chart library.

import { html, svg } from './lit.js';

const WIDTH = 120;
const HEIGHT = 28;

/** Draws series (lists of numbers, oldest first) on one scale; `length` is how many points fill the width. */
export function spark(series, length, label) {
  const top = Math.max(1, ...series.flatMap((s) => s.values));
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${label}>
    ${svg`<path class="base" d="M0 ${HEIGHT - 1}H${WIDTH}"/>`}
    ${series.map(({ name, values }) => {
      if (values.length < 2) return svg``;
      const step = WIDTH / (length - 1);
      const left = WIDTH - (values.length - 1) * step;
      const points = values.map((v, i) => `${(left + i * step).toFixed(1)} ${(HEIGHT - 2 - (v / top) * (HEIGHT - 5)).toFixed(1)}`);
      const line = 'M' + points.join('L');
      return svg`<path class="area ${name}" d="${line}L${WIDTH} ${HEIGHT}L${left.toFixed(1)} ${HEIGHT}Z"/><path class="line ${name}" d=${line}/>`;
    })}
  </svg>`;
}
