// Engine.IO and Socket.IO packet by packet, for what a stock client never sends and never shows.
import WebSocket from "ws"

/** Rejects when `promise` takes too long, and says what was waited for. */
export function within(ms, what, promise) {
  let timer
  const late = new Promise((_, refuse) => {
    timer = setTimeout(() => refuse(new Error(`waited ${ms} ms for ${what}`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** The payload of one polling request: Engine.IO 4 separates its packets, Engine.IO 3 counts their characters. */
export function payload(eio, ...packets) {
  return eio === 4 ? packets.join("\x1e") : packets.map((packet) => `${packet.length}:${packet}`).join("")
}

export function packets(eio, text) {
  if (eio === 4) return text === "" ? [] : text.split("\x1e")
  const found = []
  while (text !== "") {
    const colon = text.indexOf(":")
    const end = colon + 1 + Number(text.slice(0, colon))
    found.push(text.slice(colon + 1, end))
    text = text.slice(end)
  }
  return found
}

/** One Engine.IO session over polling, request by request. */
export class Polling {
  constructor(url, path, eio, query = "") {
    this.address = `${url}${path}?EIO=${eio}&transport=polling${query}`
    this.eio = eio
  }

  static async open(url, path, eio = 4, query = "") {
    const session = new Polling(url, path, eio, query)
    const answer = await session.get()
    if (answer.status !== 200) throw new Error(`handshake: ${answer.status} ${answer.text}`)
    session.handshake = JSON.parse(packets(eio, answer.text)[0].slice(1))
    session.sid = session.handshake.sid
    session.address += `&sid=${session.sid}`
    return session
  }

  async request(method, { body, signal } = {}) {
    const response = await fetch(this.address, { method, body, signal })
    const bytes = Buffer.from(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, bytes, text: bytes.toString() }
  }

  get(options) {
    return this.request("GET", options)
  }

  post(...sent) {
    return this.request("POST", { body: payload(this.eio, ...sent) })
  }

  /** Polls until `count` packets came; answers pings. */
  async receive(count) {
    const found = []
    while (found.length < count) {
      const answer = await this.get()
      if (answer.status !== 200) throw new Error(`poll: ${answer.status} ${answer.text}`)
      for (const packet of packets(this.eio, answer.text)) {
        if (packet === "2" && this.eio === 4) await this.post("3")
        else found.push(packet)
      }
    }
    return found
  }
}

/** One WebSocket; what comes is read in order, one message after the other. Answers pings unless told to show them. */
export class Wire {
  #came = []
  #waiting = []

  constructor(url, path, query, { showPings = false } = {}) {
    this.socket = new WebSocket(`${url.replace("http", "ws")}${path}${query}`)
    this.socket.on("error", () => {}) // a refusal; it closes too
    this.opened = new Promise((done) => this.socket.once("open", done))
    this.closed = new Promise((done) => this.socket.once("close", (code) => done(code)))
    this.socket.on("message", (data, binary) => {
      const message = binary ? data : data.toString()
      if (message === "2" && !showPings) this.send("3")
      else if (this.#waiting.length > 0) this.#waiting.shift()(message)
      else this.#came.push(message)
    })
  }

  /** A session of its own, after its handshake. */
  static async open(url, path, eio = 4, options = {}) {
    const wire = new Wire(url, path, `?EIO=${eio}&transport=websocket`, options)
    wire.handshake = JSON.parse((await wire.next()).slice(1))
    return wire
  }

  next(ms = 3000) {
    if (this.#came.length > 0) return Promise.resolve(this.#came.shift())
    const came = new Promise((done) => this.#waiting.push(done))
    const gone = this.closed.then((code) => Promise.reject(new Error(`closed with ${code}`)))
    return within(ms, "a message", Promise.race([came, gone]))
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(message)
  }

  isClosed(ms = 3000) {
    return within(ms, "the WebSocket to be closed", this.closed)
  }

  close() {
    this.socket.terminate()
  }
}
