// A Socket.IO client that shows everything: its private id, each offset, and when it was closed.
import { expect } from "vitest"
import { Wire } from "./raw.mjs"

const PACKET = /^4([0-6])(?:(\d+)-)?(?:(\/[^,]*),?)?(\d+)?(.*)$/s
const CONNECT = 0
const DISCONNECT = 1
const EVENT = 2
const ACK = 3
const CONNECT_ERROR = 4
const BINARY_EVENT = 5

/** One socket of one namespace. Several may share a wire when they take turns reading. */
export class Guest {
  events = [] // [name, ...arguments], as they came
  #asked = 0

  /** Connects with `auth`; `sid` and `pid` are what the server gave, `refused` why it did not. */
  static async open(url, { namespace = "/", auth, wire } = {}) {
    const guest = new Guest()
    guest.wire = wire ?? (await Wire.open(url, "/socket.io/"))
    guest.prefix = namespace === "/" ? "" : `${namespace},`
    guest.wire.send(`40${guest.prefix}${auth === undefined ? "" : JSON.stringify(auth)}`)
    const answer = await guest.#until((packet) => packet.type === CONNECT || packet.type === CONNECT_ERROR)
    if (answer.type === CONNECT_ERROR) guest.refused = answer.data
    else Object.assign(guest, answer.data)
    return guest
  }

  /** What came as "message": the payloads alone. */
  get messages() {
    return this.events.filter(([name]) => name === "message").map(([, payload]) => payload)
  }

  /** The offset a stock client would come back with: the last argument of the last event, when it is a text. */
  get offset() {
    const offsets = this.events.map((event) => event.at(-1)).filter((last) => typeof last === "string")
    return offsets.at(-1)
  }

  /** Emits and gives what the server acknowledged; what came before is in `events`. */
  async request(event, ...args) {
    const id = this.#asked++
    this.wire.send(`42${this.prefix}${id}${JSON.stringify([event, ...args])}`)
    return (await this.#until((packet) => packet.type === ACK && packet.id === id)).data[0]
  }

  /** Leaves the namespace on purpose. */
  leave() {
    this.wire.send(`4${DISCONNECT}${this.prefix}`)
  }

  /** Its network is gone; `observer` of the same namespace waits until the server has seen that. */
  async lose(observer) {
    this.wire.close()
    await gone(observer, this.sid)
  }

  async #until(isWanted) {
    for (;;) {
      const packet = await this.#packet()
      if (packet.type === EVENT || packet.type === BINARY_EVENT) this.events.push(packet.data)
      if (isWanted(packet)) return packet
    }
  }

  async #packet() {
    const text = await this.wire.next()
    const [, type, attachments, , id, json] = PACKET.exec(text)
    const bytes = []
    while (bytes.length < Number(attachments ?? 0)) bytes.push(await this.wire.next())
    const restore = (_, value) => (value?._placeholder ? { bytes: [...bytes[value.num]] } : value)
    return {
      type: Number(type),
      id: id === undefined ? undefined : Number(id),
      data: json === "" ? undefined : JSON.parse(json, restore),
    }
  }
}

/** Waits until the server has seen that a socket is gone. */
export function gone(observer, sid) {
  return expect.poll(() => observer.request("present"), { timeout: 5000, interval: 10 }).not.toContain(sid)
}
