// The chat on screen: the list, the conversation, and where one writes.

import { html, nothing, repeat, live } from './lit.js';
import { alternatives } from './branches.js';
import { SHOWN_TURNS } from './chat-page.js';
import { colour, conversationListView, initial } from './conversation-list.js';
import * as format from './format.js';
import { archive, check, chevron, down, link, menu, more, pencil, people, send, stop, trash } from './icons.js';
import { trouble } from './trouble.js';
import { endView, pendingView, queuedView, replyView, turnView } from './turn-view.js';

const FACES = 4;
const IDEAS = ['What can a reply look like?', 'count: 100', 'think: hello'];

const BUSY = {
  steer: ['Into the reply', 'It stops, hears you, and goes on'],
  queue: ['After the reply', 'Waits its turn'],
  replace: ['Instead of it', 'Stops the reply and asks this'],
};

export function chatView(page, actions) {
  const { conversation, list } = page;
  const listActions = { go: (id) => page.go(id), rename: () => page.nameYourself(), mayRename: page.mayRename };
  if (list.problem && list.lines === null) return html`<div class="page">${trouble('Conversations are', list.problem, () => page.restart(), actions)}</div>`;
  return html`<div class="chat ${page.side ? 'side-open' : ''}" @click=${copyCode}>
    ${conversationListView(list, conversation?.id ?? null, page.you, listActions)}
    <button type="button" class="shade" tabindex="-1" aria-label="Close the list" @click=${() => page.toggleSide()}></button>
    <section class="talk" aria-label=${conversation ? conversation.title : 'New conversation'}>
      ${talkHead(page)}
      ${stripView(page)}
      ${conversation ? turnsView(page, actions) : welcomeView(page)}
      ${conversation && conversation.state !== 'ready' && conversation.state !== 'loading' && page.pending.length === 0 ? nothing : composerView(page)}
      <p class="visually-hidden" role="status" aria-live="polite">${page.said}</p>
    </section>
  </div>`;
}

// --- the head

function talkHead(page) {
  const { conversation } = page;
  return html`<header class="talk-head">
    <button type="button" class="ghost to-list" @click=${() => page.toggleSide()} aria-label="Conversations" title="Conversations">${menu}${page.list.unread > 0 ? html`<i class="speck"></i>` : nothing}</button>
    <h1>${conversation ? conversation.title || 'Untitled' : 'New conversation'}${conversation?.archived ? html` <span class="badge">archived</span>` : nothing}</h1>
    ${conversation?.state === 'ready' ? facesView(page) : nothing}
    ${pickerView(page)}
    ${conversation?.state === 'ready' ? moreView(page) : nothing}
  </header>`;
}

function facesView(page) {
  const { conversation } = page;
  const members = Object.keys(conversation.members);
  const here = (person) => conversation.people.includes(person);
  const sorted = [...members].sort((a, b) => here(b) - here(a));
  const words = members.map((person) => `${person}${here(person) ? ' (here)' : ''}`).join(', ');
  return html`<button type="button" class="ghost faces" id="people" @click=${() => page.invite()} aria-label="People: ${words}" title=${words}>
    ${members.length === 1 ? people : sorted.slice(0, FACES).map((person) => html`<span class="face small ${colour(person, conversation.members)} ${here(person) ? 'here' : ''}" data-person=${person}>${initial(person)}</span>`)}
    ${members.length > FACES ? html`<span>+${members.length - FACES}</span>` : nothing}
  </button>`;
}

function pickerView(page) {
  const { persona, personas, conversation } = page;
  const name = personas.find((p) => p.id === persona?.id)?.name ?? persona?.id;
  if (!name) return nothing;
  return html`<details class="menu" id="persona" @toggle=${(e) => e.currentTarget.open && page.warm()}>
    <summary class="button" aria-label="Who answers: ${name}"><span class="face small machine" aria-hidden="true">${initial(name)}</span><span class="name">${name}</span>${chevron}</summary>
    <div class="menu-panel" role="group" aria-label="Who answers">
      ${personas.map((p) => html`<button type="button" aria-pressed=${p.id === persona.id} data-persona=${p.id} ?disabled=${conversation?.archived || conversation?.role === 'reader'}
          @pointerenter=${() => page.warm(p.id)} @click=${() => page.pickPersona(p.id)}>
        <span class="face small machine" aria-hidden="true">${initial(p.name)}</span>
        <span><b>${p.name}</b><small>${p.model}</small></span>${p.id === persona.id ? check : nothing}
      </button>`)}
      <p class="note">${conversation?.active ? 'Counts from the next reply on.' : 'Everyone here sees who answers.'}</p>
    </div>
  </details>`;
}

function moreView(page) {
  const { conversation } = page;
  const owner = conversation.role === null || conversation.role === 'owner';
  return html`<details class="menu" id="more">
    <summary class="button ghost" aria-label="More" title="More">${more}</summary>
    <div class="menu-panel">
      <button type="button" id="rename" @click=${() => page.rename()}>${pencil}<span>Rename</span></button>
      <button type="button" @click=${() => page.invite()}>${people}<span>People</span></button>
      <button type="button" @click=${() => page.copy(location.href)}>${link}<span>Copy the link</span></button>
      ${owner ? html`<button type="button" id="archive" @click=${() => page.archive()}>${archive}<span>${conversation.archived ? 'Restore' : 'Archive'}</span></button>
        <button type="button" id="delete" class="danger" @click=${() => page.remove()}>${trash}<span>Delete</span></button>` : nothing}
    </div>
  </details>`;
}

// --- what to know about the connection

function stripView(page) {
  const { conversation } = page;
  const waiting = page.outbox.items.filter((item) => item.state === 'waiting').length;
  const kept = waiting > 0 ? ` ${format.plural(waiting, 'message')} wait${waiting === 1 ? 's' : ''} to be sent.` : ' What you write is kept and sent later.';
  const reached = conversation && conversation.state !== 'loading' ? conversation.connection !== 'broken' : page.list.problem === null;
  if (!reached) {
    return html`<p class="strip lost" role="status" id="connection">
      <span>${navigator.onLine ? 'The server cannot be reached. Trying again…' : 'You are offline.'}${conversation?.heardAt ? ` This is how it was at ${format.clock(conversation.heardAt)}.` : ''}${kept}</span>
      <button type="button" class="link" @click=${() => (conversation?.retry(), page.list.load(), page.outbox.flush())}>Try now</button></p>`;
  }
  if (page.problem) return html`<p class="strip lost" role="alert"><span>${page.problem}</span><button type="button" class="link" @click=${() => page.forgetProblem()}>Good</button></p>`;
  if (page.unconfigured) {
    return html`<details class="strip quiet" id="no-model"><summary>No model is configured: replies here are a demonstration. <u>How to add one</u></summary>
      <p>In the server’s configuration name a provider: the address of any endpoint that speaks the protocol of OpenAI or Anthropic, and the environment variable or file that holds its key. Then a persona with one of its models. <code>./parley config</code> prints what is in force and where it is read from.</p></details>`;
  }
  return nothing;
}

// --- the turns

function turnsView(page, actions) {
  const { conversation } = page;
  const { pending } = page;
  if (conversation.state === 'missing' && pending.length === 0) {
    return html`<div class="quiet"><h2>There is no such conversation</h2><p>It was deleted, or you are not among its people.</p><p><a class="button" href="#/">New conversation</a></p></div>`;
  }
  if (conversation.state === 'denied') return trouble('This conversation is', conversation.problem, () => conversation.open(), actions);
  const all = conversation.turns;
  const turns = page.allTurns ? all : all.slice(-SHOWN_TURNS);
  const parting = alternatives(conversation.branches, conversation.branch);
  const before = new Map(turns.map((turn, i) => [turn.turn, turns[i - 1]]));
  const ends = [...conversation.runs.values()].filter((run) => ['stopped', 'failed', 'finished'].includes(run.state));
  const endsAfter = (turn) => ends.filter((run) => run.after === turn).map((run) => endView(run, page));
  const unread = page.unreadFrom;
  const isHere = (offset) => !conversation.earlier || all[0].offset <= offset;
  const firstAfter = new Map([...parting].filter(([offset]) => isHere(offset)).map(([offset, at]) => [all.find((turn) => turn.offset > offset)?.turn, at]));
  return html`<div class="scroll-wrap"><div class="scroll" id="scroll" tabindex="0" role="region" aria-label="What was said" @scroll=${(e) => page.scrolled(e.currentTarget)}>
    ${conversation.earlier || turns.length < all.length ? html`<p class="earlier"><button type="button" class="link" id="earlier" @click=${() => page.showEarlier()}>Show earlier turns</button></p>` : nothing}
    <ol class="turns">
      ${turns.length === 0 ? endsAfter(undefined) : nothing}
      ${repeat(turns, (turn) => turn.turn, (turn) => html`
        ${turn.turn === unread ? html`<li class="unread-mark"><span>New since you were here</span></li>` : nothing}
        ${turnView(turn, before.get(turn.turn), firstAfter.get(turn.turn), page)}${endsAfter(turn.turn)}`)}
      ${replyView(page)}
      ${conversation.queued.map((run, i) => queuedView(run, i + 1, page))}
      ${repeat(pending, (item) => item.id, (item) => pendingView(item, page))}
    </ol>
  </div>
  ${page.below ? html`<button type="button" class="newer" @click=${() => page.toEnd()}>${down}<span>To the end</span></button>` : nothing}</div>`;
}

function welcomeView(page) {
  const name = page.personas.find((p) => p.id === page.chosen)?.name;
  return html`<div class="welcome">
    <h2>What is on your mind?</h2>
    <p>${name ? `${name} answers.` : ''} A reply belongs to nobody’s connection: close the tab, change the network, come back on another device, and it goes on. Only <em>stop</em> stops it.</p>
    ${page.unconfigured ? html`<div class="ideas">${IDEAS.map((idea) => html`<button type="button" class="chip" @click=${() => ((page.draft = idea), page.send())}>${idea}</button>`)}</div>` : nothing}
  </div>`;
}

// --- writing

function composerView(page) {
  const { conversation } = page;
  if (conversation?.archived) return html`<div class="say-foot note-only"><span>Archived: nothing is added.</span><button type="button" @click=${() => page.archive()}>Restore</button></div>`;
  if (conversation?.role === 'reader') return html`<div class="say-foot note-only"><span>You read along here.</span></div>`;
  const run = conversation?.active ?? null;
  const typing = [...(conversation?.typing.keys() ?? [])].filter((person) => person !== page.you);
  const keys = (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) page.send();
    else if (event.key === 'ArrowUp' && page.draft === '' && page.editLast()) return event.preventDefault();
    else return;
    event.preventDefault();
  };
  return html`<div class="say">
    <p class="typing" aria-hidden=${typing.length === 0}>${typing.length > 0 ? html`<span class=${colour(typing[0], conversation.members)}>${typing.join(', ')}</span> ${typing.length === 1 ? 'is' : 'are'} typing…` : nothing}</p>
    <form class="say-box" @submit=${(e) => (e.preventDefault(), page.send())}>
      <textarea id="say" rows="1" aria-label="Message" placeholder=${run ? 'Say something while it answers' : 'Message'} .value=${live(page.draft)}
        @input=${(e) => (page.draft = e.target.value)} @keydown=${keys}></textarea>
      <div class="say-foot">
        ${run ? html`<label class="busy"><span class="visually-hidden">While it answers, what you say goes</span>
            <select id="while-busy" title=${BUSY[page.whileBusy][1]} @change=${(e) => page.answerWhileBusy(e.target.value)}>
              ${Object.entries(BUSY).map(([key, [words]]) => html`<option value=${key} ?selected=${key === page.whileBusy}>${words}</option>`)}</select></label>` : html`<span class="note keys"><kbd>Enter</kbd> sends, <kbd>Shift Enter</kbd> begins a line</span>`}
        <span class="spacer"></span>
        ${run ? html`<button type="button" class="round" id="stop" @click=${() => page.stop()} aria-label="Stop the reply" title="Stop (Esc)">${stop}</button>` : nothing}
        <button type="submit" class="round primary" id="send" aria-label="Send" title="Send" ?disabled=${page.draft.trim() === ''}>${send}</button>
      </div>
    </form>
  </div>`;
}

/** The buttons of code blocks, which Markdown made. */
function copyCode(event) {
  const button = event.target.closest?.('.copy-code');
  if (!button) return;
  const code = button.closest('figure').querySelector('code').textContent;
  navigator.clipboard.writeText(code).then(
    () => words(button, 'Copied'),
    () => words(button, 'Not allowed here'),
  );
}

function words(button, said) {
  button.textContent = said;
  setTimeout(() => (button.textContent = 'Copy'), 1500);
}
