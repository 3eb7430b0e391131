// Numbers, sizes and times as people read them. Pure functions.

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const brief = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });

export const count = (n) => whole.format(n);

export const plural = (n, word) => `${count(n)} ${word}${n === 1 ? '' : 's'}`;

/** 1234 as "1,234", 1234567 as "1.2M". */
export const shortCount = (n) => (Math.abs(n) < 10_000 ? whole.format(n) : brief.format(n));

export function rate(perSecond) {
  if (!perSecond) return '0';
  if (perSecond < 0.1) return '<0.1';
  return perSecond < 10 ? perSecond.toFixed(1) : shortCount(perSecond);
}

export function bytes(n) {
  if (n < 1000) return `${whole.format(n)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = n / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : whole.format(value)} ${units[unit]}`;
}

export function micros(us) {
  if (us === undefined || us === null) return '–';
  if (us < 1000) return `${us < 10 ? Number(us.toFixed(1)) : whole.format(us)} µs`;
  const ms = us / 1000;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : whole.format(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

export function duration(seconds) {
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return both(Math.floor(s / 3600), 'h', Math.floor((s % 3600) / 60), 'min');
  return both(Math.floor(s / 86_400), 'd', Math.floor((s % 86_400) / 3600), 'h');
}

const both = (large, unit, small, smallUnit) => `${large} ${unit}` + (small > 0 ? ` ${small} ${smallUnit}` : '');

export function ago(ms, now) {
  const s = Math.max(0, (now - ms) / 1000);
  if (s < 5) return 'now';
  if (s < 60) return `${Math.floor(s)} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ago`;
  return `${Math.floor(s / 86_400)} d ago`;
}

const two = (n) => String(n).padStart(2, '0');

export const clock = (ms) => {
  const d = new Date(ms);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
};

export const day = (ms) => {
  const d = new Date(ms);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
};

/** The clock alone for today, with the day before it for any other. */
export const moment = (ms, now) => (day(ms) === day(now) ? clock(ms) : `${day(ms)} ${clock(ms)}`);

/** What an input of type datetime-local holds: local time, no zone. */
export const localInput = (ms) => `${day(ms)}T${clock(ms)}`;

export const exact = (ms) => new Date(ms).toISOString();
