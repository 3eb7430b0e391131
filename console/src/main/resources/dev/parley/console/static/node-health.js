// The node's health: one line at the top of every page, which unfolds into the numbers behind it.

import { html, nothing } from './lit.js';
import * as api from './api.js';
import * as format from './format.js';
import { chevron } from './icons.js';
import { spark } from './spark.js';

const EVERY_MS = 1000;
const RARELY_MS = 30_000; // while nobody looks at the numbers
const SAMPLES = 90;

const STAGES = [
  ['decode', 'Decode', 'reading a request'],
  ['commit', 'Commit', 'an append, until it is as safe as its stream asks'],
  ['shard', 'Shard', 'waiting for the stream’s owner thread'],
  ['fanOut', 'Fan-out', 'handing messages to followers'],
  ['flush', 'Flush', 'writing to sockets'],
];

/** The node as last heard. Polls once a second while the page can be seen. */
export class NodeHealth {
  node = null;
  reachable = true;
  refused = false; // the server answers, but not to this token
  open = false;
  samples = []; // { in, out }, newest last

  #changed;
  #timer = null;
  #watched = true;

  constructor(changed) {
    this.#changed = changed;
    document.addEventListener('visibilitychange', () => (document.hidden ? this.#stop() : this.poll()));
  }

  async poll() {
    this.#stop();
    try {
      this.node = await api.node();
      this.reachable = true;
      this.refused = false;
      this.samples = this.samples
        .concat({ in: this.node.messagesInPerSecond, out: this.node.messagesOutPerSecond })
        .slice(-SAMPLES);
    } catch (failure) {
      // A refusal is an answer: the server is there, it only wants a token.
      this.reachable = failure instanceof api.Refused;
      this.refused = failure.status === 401 || failure.status === 403;
    }
    if (!document.hidden) this.#timer = setTimeout(() => this.poll(), this.#watched ? EVERY_MS : RARELY_MS);
    this.#changed();
  }

  /** Whether somebody looks at the numbers. */
  watch(watched) {
    if (watched && !this.#watched) this.poll();
    this.#watched = watched;
  }

  #stop() {
    clearTimeout(this.#timer);
  }

  toggle() {
    this.open = !this.open;
    this.#changed();
  }
}

const series = (health) => [
  { name: 'out', values: health.samples.map((s) => s.out) },
  { name: 'in', values: health.samples.map((s) => s.in) },
];

export function healthLine(health) {
  const n = health.node;
  const commit = n?.latency?.commit?.count > 0 ? n.latency.commit : null; // nothing measured is not zero
  const [state, word] = !health.reachable
    ? ['away', 'Unreachable']
    : n?.storeFull
      ? ['away', 'Disk full: appends are refused']
      : n?.draining
        ? ['draining', 'Draining']
        : ['up', 'Up'];
  return html`<button class="health ${health.reachable ? '' : 'stale'}" type="button" aria-expanded=${health.open} aria-controls="node-panel"
      @click=${() => health.toggle()} title="The node’s health; opens the details">
    <span class="state ${state}"><span class="dot"></span>${word}</span>
    ${n === null ? nothing : html`
      <span class="fact"><b>${format.shortCount(n.connections)}</b> <span class="unit">connections</span></span>
      <span class="fact"><span class="unit in">in</span> <b>${format.rate(n.messagesInPerSecond)}</b><span class="unit">/s</span></span>
      <span class="fact"><span class="unit out">out</span> <b>${format.rate(n.messagesOutPerSecond)}</b><span class="unit">/s</span></span>
      ${spark(series(health), SAMPLES, 'Messages per second, the last minute and a half')}
      <span class="fact wide"><span class="unit">commit p50</span> <b>${format.micros(commit?.p50)}</b> <span class="unit">p99</span> <b>${format.micros(commit?.p99)}</b></span>
      <span class="fact wide"><span class="unit">heap</span> <b>${format.bytes(n.heapUsedBytes)}</b></span>`}
    ${chevron}
  </button>`;
}

export function healthPanel(health) {
  const n = health.node;
  if (!health.open || n === null) return html`<div id="node-panel" hidden></div>`;
  return html`<section id="node-panel" class="panel node-panel" aria-label="Node">
    <div class="tiles">
      ${tile('Messages in', format.rate(n.messagesInPerSecond), 'per second', spark([series(health)[1]], SAMPLES, 'Messages in per second'))}
      ${tile('Messages out', format.rate(n.messagesOutPerSecond), 'per second', spark([series(health)[0]], SAMPLES, 'Messages out per second'))}
      ${tile('Connections', format.count(n.connections), `${format.plural(n.followers, 'follower')} · ${format.rate(n.requestsPerSecond)} requests/s`)}
      ${tile('Heap', format.bytes(n.heapUsedBytes), `of ${format.bytes(n.heapMaxBytes)}${n.rssBytes > 0 ? ` · process ${format.bytes(n.rssBytes)}` : ''}`,
        html`<meter min="0" max=${n.heapMaxBytes} value=${n.heapUsedBytes} aria-label="Heap used"></meter>`)}
    </div>
    <div class="scroll-x" tabindex="0" role="region" aria-label="Latency">
      <table class="latency">
        <caption>Latency, by the stage a message passes</caption>
        <thead><tr><th scope="col">Stage</th><th scope="col">p50</th><th scope="col">p90</th><th scope="col">p99</th><th scope="col">p99.9</th><th scope="col">max</th><th scope="col">samples</th></tr></thead>
        <tbody>${STAGES.map(([key, name, meaning]) => stageRow(n.latency?.[key], name, meaning))}</tbody>
      </table>
    </div>
    <p class="footnote">
      Parley ${n.version} · up ${format.duration(n.uptimeSeconds)} · ${format.plural(n.streamsLive, 'live stream')} · change ${format.count(n.lastChange)}
    </p>
  </section>`;
}

const tile = (name, value, note, drawing = nothing) =>
  html`<div class="tile"><span class="name">${name}</span><b>${value}</b><span class="note">${note}</span>${drawing}</div>`;

function stageRow(stage, name, meaning) {
  const measured = stage && stage.count > 0;
  const cell = (v) => html`<td>${measured ? format.micros(v) : '–'}</td>`;
  return html`<tr><th scope="row">${name} <span class="meaning">${meaning}</span></th>
    ${cell(stage?.p50)}${cell(stage?.p90)}${cell(stage?.p99)}${cell(stage?.p999)}${cell(stage?.max)}
    <td>${measured ? format.shortCount(stage.count) : '–'}</td></tr>`;
}
