// A reply that is being written: its run's events, drawn into elements of its own, at most once a frame.

import * as chat from './chat-api.js';
import { Following } from './following.js';
import { GrowingMarkdown } from './markdown.js';

const ENDS = new Set(['finished', 'stopped', 'failed']);

/** Follows one run from the text so far to its end. */
export class Reply {
  element = document.createElement('div');
  turn = null; // the name that what is shown will have as a turn
  persona = null;
  empty = true;

  #changed;
  #drawn;
  #parts = [];
  #frame = null;
  #line;

  /**
   * @param changed told when more than the text has changed
   * @param drawn told after the text has grown
   */
  constructor(run, changed, drawn) {
    this.element.className = 'parts';
    this.#changed = changed;
    this.#drawn = drawn;
    this.#line = new Following(chat.runUrl(run), null, ({ data }) => this.#take(JSON.parse(data)), changed).open();
  }

  get live() {
    return this.#line.state === 'live';
  }

  retry() {
    this.#line.retry();
  }

  /** What is shown stands in the conversation as a turn by now, if the run has named none. */
  said() {
    if (this.turn === null) this.#clear(null);
  }

  end() {
    this.#line.end();
    cancelAnimationFrame(this.#frame);
  }

  #take(message) {
    if (message.state === 'starting') {
      this.persona = message.persona ?? this.persona;
      if (message.turn && message.turn !== this.turn) this.#clear(message.turn);
      this.#changed();
    } else if (ENDS.has(message.state)) {
      this.#line.end();
    } else if (message.text !== undefined) {
      this.#part('text').append(message.text);
    } else if (message.reasoning !== undefined) {
      this.#part('reasoning').append(message.reasoning);
    } else if (message.name !== undefined) {
      this.#parts.push(this.#shown(new Draft(message.call, message.name)));
    } else if (message.arguments !== undefined) {
      this.#parts.findLast((part) => part.call === message.call)?.append(message.arguments);
    } else {
      return;
    }
    if (this.empty && this.#parts.length > 0) {
      this.empty = false;
      this.#changed();
    }
    this.#frame ??= requestAnimationFrame(() => this.#draw());
  }

  /** The part that grows: another kind begins another one. */
  #part(kind) {
    const last = this.#parts.at(-1);
    if (last?.kind === kind) return last;
    if (last?.kind === 'reasoning') last.fold();
    const part = this.#shown(kind === 'text' ? new Text() : new Thought());
    this.#parts.push(part);
    return part;
  }

  #shown(part) {
    this.element.append(part.element);
    return part;
  }

  #clear(turn) {
    this.turn = turn;
    this.empty = true;
    this.#parts = [];
    this.element.replaceChildren();
  }

  #draw() {
    this.#frame = null;
    for (const part of this.#parts) part.draw();
    this.#drawn();
  }
}

class Text extends GrowingMarkdown {
  kind = 'text';
}

class Thought {
  kind = 'reasoning';
  element = document.createElement('details');

  #text = new GrowingMarkdown();

  constructor() {
    this.element.className = 'thought';
    const summary = document.createElement('summary');
    summary.textContent = 'Thinking…';
    this.element.append(summary, this.#text.element);
  }

  append(text) {
    this.#text.append(text);
  }

  fold() {
    this.element.firstChild.textContent = 'Thought first';
  }

  draw() {
    this.#text.draw();
  }
}

/** A call of a tool whose arguments are still being written. */
class Draft {
  kind = 'call';
  element = document.createElement('div');

  #arguments = document.createTextNode('');
  #unwritten = '';

  constructor(call, name) {
    this.call = call;
    this.element.className = 'call draft';
    const code = document.createElement('code');
    code.append(this.#arguments);
    const title = document.createElement('b');
    title.textContent = name;
    this.element.append(title, ' ', code);
  }

  append(text) {
    this.#unwritten += text;
  }

  draw() {
    this.#arguments.appendData(this.#unwritten);
    this.#unwritten = '';
  }
}
