// Somebody in a conversation, with npm socket.io-client: what wire/talk/README.md says a client has to do, and no more.
import { io } from "socket.io-client"
import { expect, onTestFinished } from "vitest"

export class Person {
  turns = [] // of the snapshot
  events = [] // of the branch, each with its offset
  offsets = []
  text = {} // by run
  state = {} // by run
  calls = {} // by run, those that wait
  typing = []
  people = []
  ended = []
  after
  runs = {}

  constructor(url, name, conversation, transports = ["websocket"]) {
    this.conversation = conversation
    this.socket = io(`${url}/conversations`, {
      auth: { person: name }, transports, forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 100,
    })
    onTestFinished(() => void this.socket.disconnect())
    this.opened = new Promise((done, refuse) => {
      this.socket.on("connect", async () => {
        const answer = await this.ask("conversation:open", conversation, { after: this.after, runs: this.runs })
        if (answer.error) return refuse(new Error(answer.error.message))
        this.turns = answer.turns ?? this.turns
        this.after ??= answer.offset
        done(answer)
      })
    })
    this.opened.catch(() => {})
    this.socket.on("conversation:event", (event, { offset }) => {
      this.events.push(event)
      this.offsets.push(offset)
      this.after = offset
    })
    this.socket.on("run:event", (event, { run, offset }) => {
      if (event.run) {
        this.text[run] = ""
        this.ai = event.ai
      }
      if (event.text) this.text[run] += event.text
      if (event.state) this.state[run] = event.state
      if (event.calls) this.calls[run] = event.calls
      if (["finished", "stopped", "failed"].includes(event.state)) delete this.runs[run]
      else this.runs[run] = offset
    })
    this.socket.on("conversation:typing", (typing) => this.typing.push(typing))
    this.socket.on("conversation:presence", ({ people }) => (this.people = people))
    this.socket.on("conversation:ended", (end) => this.ended.push(end))
  }

  /** Emits and gives the answer, an error too. */
  ask(event, ...args) {
    return this.socket.timeout(10_000).emitWithAck(event, ...args)
  }

  async must(event, ...args) {
    const answer = await this.ask(event, ...args)
    expect(answer.error, event).toBeUndefined()
    return answer
  }

  /** Until a run has said so much. */
  heard(run, text) {
    return expect.poll(() => this.text[run], { timeout: 10_000, interval: 5 }).toMatch(text)
  }

  /** Until a run is in a state. */
  sees(run, state) {
    return expect.poll(() => this.state[run], { timeout: 10_000, interval: 5 }).toBe(state)
  }

  /** Until the branch has told of something. */
  async learns(type) {
    await expect.poll(() => this.events.map((event) => event.type), { timeout: 10_000, interval: 5 }).toContain(type)
    return this.events.findLast((event) => event.type === type)
  }
}
