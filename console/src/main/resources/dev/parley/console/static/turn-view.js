// One turn on screen, the reply being written, and how replies end.

import { html, nothing } from './lit.js';
import * as format from './format.js';
import { again, back, copy, forward, pencil, tool } from './icons.js';
import { lines } from './json.js';
import { markdown } from './markdown.js';
import { colour, initial } from './conversation-list.js';

const JSON_WIDTH = 64;
const drawn = new WeakMap(); // turns never change: each part's elements are made once

/** Every turn of the branch that is shown, with what belongs between them. */
export function turnView(turn, before, at, page) {
  if (turn.author.tool !== undefined) return nothing; // shown with its call
  const { conversation } = page;
  const mine = turn.author.person === page.you;
  const goesOn = before !== undefined && turn.ai && before.run === turn.run && (before.ai || before.author.tool !== undefined) && !at;
  const editing = page.editing?.turn === turn.turn;
  return html`<li class="turn ${turn.ai ? 'by-ai' : mine ? 'by-me' : 'by-other'} ${goesOn ? 'goes-on' : ''}" data-turn=${turn.turn}>
    ${goesOn ? nothing : headView(turn.author, turn.ai, turn.at, page, turn.ai || editing ? nothing : actsView(turn, mine, page))}
    ${editing ? editorView(page) : html`<div class="body">${turn.parts.map((part) => partView(part, turn, conversation, page))}</div>`}
    ${at || turn.ai ? html`<div class="turn-foot">${at ? switchView(at, conversation, page) : nothing}${turn.ai && !goesOnLater(turn, conversation) ? actsView(turn, mine, page) : nothing}</div>` : nothing}
  </li>`;
}

function actsView(turn, mine, page) {
  const open = !page.conversation.archived && page.conversation.role !== 'reader';
  const act = (name, icon, does) => html`<button type="button" class="ghost" @click=${does} aria-label=${name} title=${name}>${icon}</button>`;
  return html`<span class="turn-acts">
    ${act('Copy', copy, () => page.copy(textOf(turn)))}
    ${mine && open ? act('Edit', pencil, () => page.edit(turn)) : nothing}
    ${turn.ai && turn.author.persona && open ? act('Answer again', again, () => page.regenerate(turn.turn)) : nothing}
  </span>`;
}

/** A turn with calls is not the reply's last word. */
const goesOnLater = (turn, conversation) => turn.parts.some((p) => p.type === 'tool-call') && conversation.turns.some((t) => t.run === turn.run && t.offset > turn.offset);

function headView(author, ai, at, page, acts = nothing) {
  const name = author.persona ? page.conversation.nameOf(author.persona) : author.person;
  const tint = colour(name, page.conversation.members);
  return html`<div class="turn-head">
    <span class="face ${author.persona ? 'machine' : tint}" aria-hidden="true">${initial(name)}</span>
    <b class=${author.persona ? '' : tint}>${name}</b>
    ${ai ? html`<span class="ai" title="Written by a machine">AI</span>` : nothing}
    ${at ? html`<time datetime=${format.exact(at)} title=${format.exact(at)}>${format.moment(at, Date.now()).replace(/:\d\d$/, '')}</time>` : nothing}
    ${acts}
  </div>`;
}

export const textOf = (turn) => turn.parts.filter((part) => part.type === 'text').map((part) => part.text).join('\n\n');

function partView(part, turn, conversation, page) {
  switch (part.type) {
    case 'text':
      return prose(part, !turn.ai);
    case 'reasoning':
      return html`<details class="thought"><summary>Thought first</summary>${prose(part)}</details>`;
    case 'file':
      return html`<p class="file">${part.name} <small>${part.mediaType}</small></p>`;
    case 'tool-call':
      return callView(part, turn, conversation, page);
    default:
      return html`<details class="thought"><summary>A part of kind “${part.type}”</summary><pre>${JSON.stringify(part, null, 2)}</pre></details>`;
  }
}

/** People end lines where they mean to. */
function prose(part, breaks = false) {
  if (!drawn.has(part)) drawn.set(part, markdown(part.text, { breaks }));
  return drawn.get(part);
}

const CALL_STATES = {
  unapproved: 'asks for permission',
  running: 'running…',
  done: 'done',
  denied: 'denied',
  left: 'not run',
};

function callView(part, turn, conversation, page) {
  const run = conversation.runs.get(turn.run);
  const call = run?.calls.get(part.id);
  const result = conversation.result(turn.run, part.id);
  const open = call?.state === 'unapproved';
  const state = call && (result === null || call.state === 'denied') ? call.state : result === null ? 'left' : isDenial(result) ? 'denied' : 'done';
  return html`<details class="call ${state}" ?open=${open} data-call=${part.id}>
    <summary>${tool}<b>${part.name}</b><span class="call-state">${CALL_STATES[state]}</span></summary>
    <div class="call-body"><span class="label">with</span>${jsonView(part.arguments)}
    ${result === null ? nothing : html`<span class="label">${state === 'denied' ? 'was told' : 'answered'}</span>${jsonView(result)}`}</div>
    ${state === 'unapproved' && conversation.role !== 'reader'
      ? html`<div class="call-foot"><span class="note">${conversation.nameOf(run.persona)} may only run this if you say so.</span>
          <button type="button" class="deny" @click=${() => page.deny(run.run, part.id)}>Deny</button>
          <button type="button" class="primary approve" @click=${() => page.approve(run.run, part.id)}>Approve</button></div>`
      : nothing}
  </details>`;
}

function isDenial(result) {
  try {
    return JSON.parse(result).error === 'denied';
  } catch {
    return false;
  }
}

/** JSON laid out; whatever else a model or a tool wrote stays as it is. */
function jsonView(source) {
  const laid = lines(source, JSON_WIDTH);
  return html`<pre tabindex="0">${laid === null ? source : laid.map((pieces, i) => html`${i > 0 ? '\n' : nothing}${pieces.map(([kind, text]) => html`<span class="json-${kind}">${text}</span>`)}`)}</pre>`;
}

function switchView({ choices, at }, conversation, page) {
  const to = (i) => () => page.go(conversation.id, choices[i]);
  return html`<span class="switch" role="group" aria-label="Version ${at + 1} of ${choices.length}">
    <button type="button" class="ghost" ?disabled=${at === 0} @click=${to(at - 1)} aria-label="Earlier version">${back}</button>
    <span>${at + 1}/${choices.length}</span>
    <button type="button" class="ghost" ?disabled=${at === choices.length - 1} @click=${to(at + 1)} aria-label="Later version">${forward}</button>
  </span>`;
}

function editorView(page) {
  const keys = (event) => {
    if (event.key === 'Escape') page.stopEditing();
    else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) page.saveEdit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class="editor">
    <textarea aria-label="Your message" .value=${page.editing.text} @input=${(e) => (page.editing.text = e.target.value)} @keydown=${keys}></textarea>
    <div class="editor-foot"><span class="note">The conversation as it was stays beside the new one.</span>
      <button type="button" @click=${() => page.stopEditing()}>Cancel</button>
      <button type="button" class="primary" id="save-edit" @click=${() => page.saveEdit()}>Send</button></div>
  </div>`;
}

/** The reply that holds the branch: what it says so far, or what it waits for. */
export function replyView(page) {
  const { conversation } = page;
  const run = conversation.active;
  if (run === null) return nothing;
  const { reply } = conversation;
  const last = conversation.turns.at(-1);
  const shown = reply !== null && !reply.empty && !conversation.has(reply.turn);
  const goesOn = last?.run === run.run && (last.ai || last.author.tool !== undefined);
  return html`<li class="turn by-ai writing ${goesOn ? 'goes-on' : ''}" data-run=${run.run} aria-busy="true">
    ${goesOn ? nothing : headView({ persona: run.persona ?? reply?.persona ?? conversation.persona }, true, null, page)}
    ${shown ? html`<div class="body">${reply.element}</div>` : nothing}
    ${statusView(run, reply, shown, conversation)}
  </li>`;
}

function statusView(run, reply, shown, conversation) {
  if (reply !== null && !reply.live && conversation.connection !== 'live') return html`<p class="doing">The reply goes on; you see it when the connection is back.</p>`;
  if (run.state === 'waiting-for-tool') {
    const asks = [...run.calls.values()].some((call) => call.state === 'unapproved');
    return html`<p class="doing">${asks ? 'Waits for your permission' : 'Waits for a tool'}${asks ? nothing : dots}</p>`;
  }
  if (run.takenUp && !shown) return html`<p class="doing">The server came back, and goes on with this reply${dots}</p>`;
  return shown ? nothing : html`<p class="doing">${dots}<span class="visually-hidden">Writing</span></p>`;
}

const dots = html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>`;

/** How a run ended, if there is something to say about it. */
export function endView(run, page) {
  const { conversation } = page;
  const newest = [...conversation.runs.values()].at(-1) === run && conversation.turns.at(-1)?.turn === run.after;
  if (run.state === 'stopped') return html`<li class="end">Stopped by ${run.by === page.you ? 'you' : run.by}.</li>`;
  if (run.state === 'finished') {
    const words = { length: 'Cut here: the reply reached its greatest length.', filtered: 'The provider withheld the rest.' }[run.reason];
    return words ? html`<li class="end">${words}</li>` : nothing;
  }
  return html`<li class="end failed" role="alert">
    <span><b>${conversation.nameOf(run.persona)} could not answer.</b> ${run.message} <small>${run.reason}</small></span>
    ${newest && !conversation.active ? html`<button type="button" class=${run.retryable ? 'primary' : ''} data-act="retry" @click=${() => page.tryAgain(run)}>${again}<span>${run.retryable ? 'Try again' : 'Try anyway'}</span></button>` : nothing}
  </li>`;
}

/** What has been said here and is not confirmed yet. */
export function pendingView(item, page) {
  const says = {
    sending: 'Sending…',
    sent: 'Sent',
    waiting: 'Not sent yet. It goes out when the server can be reached.',
    failed: item.problem ?? 'The server does not take it.',
  }[item.state];
  return html`<li class="turn by-me pending ${item.state}" data-pending=${item.id}>
    ${headView({ person: page.you }, false, item.at, page)}
    <div class="body">${prose(partOf(item), true)}</div>
    <p class="delivery">${says}
      ${item.state === 'failed' ? html`<button type="button" class="link" @click=${() => page.outbox.again(item.id)}>Try again</button>` : nothing}
      ${item.state === 'failed' || item.state === 'waiting' ? html`<button type="button" class="link" @click=${() => page.outbox.drop(item.id)}>Discard</button>` : nothing}</p>
  </li>`;
}

const parts = new WeakMap();
function partOf(item) {
  if (!parts.has(item)) parts.set(item, { type: 'text', text: item.text });
  return parts.get(item);
}

/** A message that becomes a turn when its run starts, or a reply that waits for others. */
export function queuedView(run, position, page) {
  return html`<li class="turn queued ${run.by === page.you ? 'by-me' : 'by-other'}" data-run=${run.run}>
    ${headView({ person: run.by }, false, null, page)}
    ${run.waiting ? html`<div class="body">${run.waiting.parts.map((part) => (part.type === 'text' ? prose(part, true) : nothing))}</div>` : nothing}
    <p class="delivery">Queued: ${position === 1 ? 'next' : `number ${position}`} in line.
      <button type="button" class="link" @click=${() => page.stop(run)}>Withdraw</button></p>
  </li>`;
}
