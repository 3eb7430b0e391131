// One conversation as this page knows it: a snapshot of one branch, and every event after it.

import * as chat from './chat-api.js';
import { Following } from './following.js';
import { Reply } from './reply.js';

export const MAIN = 'main';
const TYPING_MS = 5000;
const RETRY_MS = 3000;

/** The states of a run that holds its branch. */
const ACTIVE = new Set(['starting', 'streaming', 'waiting-for-tool']);

/**
 * `state` is loading, ready, missing, denied or broken. Turns and runs are as the events say; what has not been confirmed
 * is the outbox's. Single-threaded like the page: every change ends in `changed()`.
 */
export class Conversation {
  state = 'loading';
  problem = null;
  title = '';
  archived = false;
  members = {};
  branches = [];
  persona = null;
  names = new Map(); // of personas, by id
  turns = []; // { turn, author, ai, parts, run, offset, at }
  earlier = false; // whether there are turns before these
  runs = new Map(); // { run, state, by, persona, waiting, calls, after, … }
  offset = 0;
  readUpTo = 0; // when it was opened
  role = null; // of whoever looks
  you = null;
  people = []; // who is here
  typing = new Map(); // person to the timer that forgets it
  reply = null; // the Reply of the run that holds the branch

  #hooks;
  #line = null;
  #replyRun = null;
  #loading = null; // of earlier turns
  #retry = null;
  #ended = new AbortController();

  /** @param hooks changed(), grown(), heard(event), finished(turn, run), confirmed(clientMessageId) */
  constructor(id, branch, hooks) {
    this.id = id;
    this.branch = branch;
    this.#hooks = hooks;
  }

  async open() {
    clearTimeout(this.#retry);
    try {
      this.#restore(await chat.snapshot(this.id, this.branch, this.#ended.signal));
      this.state = 'ready';
      this.problem = null;
      this.#line = new Following(chat.eventsUrl(this.id, this.branch, this.offset), this.offset, (event) => this.#take(event), () => this.#lineChanged()).open();
      this.#followReply();
    } catch (failure) {
      if (this.#ended.signal.aborted) return;
      this.problem = failure;
      this.state = failure.status === 404 ? 'missing' : failure.status === 401 || failure.status === 403 ? 'denied' : 'broken';
      if (this.state === 'broken') this.#retry = setTimeout(() => this.open(), RETRY_MS);
    }
    this.#hooks.changed();
  }

  end() {
    this.#ended.abort();
    clearTimeout(this.#retry);
    this.#line?.end();
    this.reply?.end();
    for (const timer of this.typing.values()) clearTimeout(timer);
  }

  /** Also the turns before the first that is here. */
  loadEarlier() {
    const add = async () => {
      const { turns, ended, personas, earlier } = await chat.snapshot(this.id, this.branch, this.#ended.signal, this.turns[0].turn);
      for (const { id, name } of personas) if (!this.names.has(id)) this.names.set(id, name);
      this.turns = [...turns, ...this.turns];
      this.runs = new Map([...ended.map(known), ...this.runs]);
      this.earlier = earlier;
    };
    this.#loading ??= add().finally(() => (this.#loading = null));
    return this.#loading;
  }

  /** What concerns all branches stands in the main one: who looks at another one asks now and then. */
  async refresh() {
    if (this.state !== 'ready' || this.branch === MAIN) return;
    const { title, archived, members, branches } = await chat.snapshot(this.id, this.branch, this.#ended.signal).catch(() => this);
    Object.assign(this, { title, archived, members, branches });
    this.#hooks.changed();
  }

  /** connecting, live, broken, refused or ended. */
  get connection() {
    return this.#line?.state ?? (this.state === 'broken' ? 'broken' : 'connecting');
  }

  get heardAt() {
    return this.#line?.heardAt ?? null;
  }

  retry() {
    if (this.#line === null) this.open();
    this.#line?.retry();
    this.reply?.retry();
  }

  /** The run that holds the branch. */
  get active() {
    return [...this.runs.values()].find((run) => ACTIVE.has(run.state)) ?? null;
  }

  /** Those that wait, the next one first. */
  get queued() {
    const waiting = [...this.runs.values()].filter((run) => run.state === 'queued');
    return waiting.filter((run) => run.ahead).concat(waiting.filter((run) => !run.ahead));
  }

  has(turn) {
    return this.turns.some((one) => one.turn === turn);
  }

  /** Whether it was said, or waits for its turn. */
  knows(turn) {
    return this.has(turn) || this.queued.some((run) => run.waiting?.turn === turn);
  }

  /** What a tool answered, null while it has not. */
  result(run, call) {
    const of = (turn) => turn.parts.find((part) => part.type === 'tool-result' && part.callId === call);
    const turn = this.turns.find((one) => one.author.tool !== undefined && one.run === run && of(one));
    return turn ? of(turn).result : null;
  }

  nameOf(persona) {
    return this.names.get(persona?.id) ?? persona?.id ?? 'The persona';
  }

  #restore(snapshot) {
    const { title, archived = false, members, branches, persona, offset, readUpTo = 0, role = null } = snapshot;
    Object.assign(this, { title, archived, members, branches, persona, offset, readUpTo, role });
    this.you = snapshot.you ?? null;
    for (const { id, name } of snapshot.personas ?? []) this.names.set(id, name);
    this.turns = snapshot.turns;
    this.earlier = snapshot.earlier ?? false;
    this.runs = new Map([...(snapshot.ended ?? []), ...(snapshot.runs ?? [])].map(known));
  }

  #take({ event, data, id }) {
    const said = JSON.parse(data);
    if (event === 'presence') this.people = said.people;
    else if (event === 'typing') this.#types(said);
    else if (id !== null && Number(id) > this.offset) {
      this.offset = Number(id);
      this.#apply(said);
      this.#hooks.heard(said);
    }
    this.#hooks.changed();
  }

  #apply(event) {
    const run = this.runs.get(event.run);
    switch (event.type) {
      case 'renamed':
        this.title = event.title;
        break;
      case 'archived':
      case 'restored':
        this.archived = event.type === 'archived';
        break;
      case 'deleted':
        this.state = 'missing';
        this.end();
        break;
      case 'member-joined':
        this.members = { ...this.members, [event.person]: event.role };
        break;
      case 'member-left':
        this.members = Object.fromEntries(Object.entries(this.members).filter(([person]) => person !== event.person));
        break;
      case 'branch-added':
        // Which turn it replaces, only the snapshot says; where it parts is all that is needed here.
        if (!this.branches.some((b) => b.id === event.branch)) this.branches = [...this.branches, { id: event.branch, source: event.source, offset: event.offset, by: event.by }];
        break;
      case 'turn-added':
        this.#forgetTyping(event.author.person);
        if (!this.has(event.turn)) this.turns = [...this.turns, { ai: false, ...event, offset: this.offset }];
        if (event.ai && event.run === this.#replyRun) this.reply?.said();
        if (event.clientMessageId) this.#hooks.confirmed(event.clientMessageId);
        break;
      case 'run-requested':
        this.runs.set(event.run, { ...event, state: 'queued', calls: new Map() });
        if (event.waiting?.clientMessageId) this.#hooks.confirmed(event.waiting.clientMessageId);
        break;
      case 'persona-switched':
        this.persona = event.persona;
        break;
      default:
        if (run) this.#applyToRun(run, event);
    }
    this.#followReply();
  }

  #applyToRun(run, event) {
    switch (event.type) {
      case 'run-started':
        Object.assign(run, { state: 'starting', persona: event.persona, waiting: null });
        break;
      case 'run-streaming':
        run.state = 'streaming';
        break;
      case 'run-steered':
        run.state = 'starting';
        break;
      case 'run-leased':
        if (event.how !== 'renewed') run.takenUp = event.how;
        break;
      case 'run-stopped':
      case 'run-finished':
      case 'run-failed':
        Object.assign(run, { ...event, by: event.by ?? run.by, state: event.type.slice(4), waiting: null, after: this.turns.at(-1)?.turn });
        this.#hooks.finished(this.turns.at(-1), run);
        break;
      case 'tool-called':
        run.state = 'waiting-for-tool';
        run.calls.set(event.call, { name: event.name, state: event.needsApproval ? 'unapproved' : 'running' });
        break;
      case 'tool-approved':
        Object.assign(run.calls.get(event.call) ?? {}, { state: 'running', by: event.by });
        break;
      case 'tool-denied':
        Object.assign(run.calls.get(event.call) ?? {}, { state: 'denied', by: event.by, reason: event.reason });
        this.#goOn(run);
        break;
      case 'tool-returned':
        Object.assign(run.calls.get(event.call) ?? {}, { state: 'done' });
        this.#goOn(run);
        break;
      default: // a kind of event from a later version
    }
  }

  /** With the last answer the model is asked again. */
  #goOn(run) {
    if ([...run.calls.values()].every((call) => call.state === 'done' || call.state === 'denied')) run.state = 'starting';
  }

  #followReply() {
    const run = this.state === 'ready' ? this.active : null;
    if (run?.run === this.#replyRun) return;
    this.reply?.end();
    this.#replyRun = run?.run ?? null;
    this.reply = run ? new Reply(run.run, this.#hooks.changed, this.#hooks.grown) : null;
  }

  #lineChanged() {
    if (this.connection === 'refused') {
      this.state = this.#line.problem.status === 404 ? 'missing' : 'denied';
      this.problem = this.#line.problem;
    }
    this.#hooks.changed();
  }

  #types({ person, typing }) {
    this.#forgetTyping(person);
    if (typing) {
      this.typing.set(person, setTimeout(() => (this.typing.delete(person), this.#hooks.changed()), TYPING_MS));
    }
  }

  #forgetTyping(person) {
    clearTimeout(this.typing.get(person));
    this.typing.delete(person);
  }
}

/** A run of a snapshot, by its name. */
function known(run) {
  const calls = new Map((run.calls ?? []).map((call) => [call.id, { name: call.name, state: call.approval ? 'unapproved' : 'running' }]));
  return [run.run, { ...run, by: run.stoppedBy ?? run.by, calls }];
}
