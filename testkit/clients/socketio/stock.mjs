// The stock clients: npm socket.io-client 4 and 2, over polling, WebSocket and from one to the other.
import { io } from "socket.io-client"
import io2 from "socket.io-client-2"
import { onTestFinished } from "vitest"
import { within } from "./raw.mjs"

const transports = { polling: ["polling"], websocket: ["websocket"], upgrade: ["polling", "websocket"] }
export const versions = { 4: io, 2: io2 }

/** Every client over every transport, for describe.each. */
export const stock = Object.keys(versions)
  .reverse()
  .flatMap((version) => Object.keys(transports).map((transport) => ({ version: Number(version), transport })))

/** A client that is gone when the test is. Of its own connection unless `options` say otherwise. */
export function client(url, { version = 4, transport = "websocket", ...options } = {}) {
  const socket = versions[version](url, {
    transports: transports[transport], forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 100, ...options,
  })
  onTestFinished(() => void socket.disconnect())
  return socket
}

/** The arguments of the next `event`. Ask before what brings it about. */
export function next(emitter, event, ms = 5000) {
  return within(ms, event, new Promise((done) => emitter.once(event, (...args) => done(args))))
}

export async function connected(url, options) {
  const socket = client(url, options)
  await next(socket, "connect")
  return socket
}

/** Emits and gives the acknowledgement's arguments. */
export function request(socket, event, ...args) {
  return within(5000, `the acknowledgement of ${event}`, new Promise((done) => socket.emit(event, ...args, (...answer) => done(answer))))
}

/** Everything that comes as `event`: the first argument of each, in order. */
export function collect(socket, event = "message") {
  const came = []
  socket.on(event, (first) => came.push(first))
  return came
}

/** What the Engine.IO session underneath goes over by now. */
export const transportOf = (socket) => socket.io.engine.transport.name

export const upTo = (count, from = 0) => Array.from({ length: count - from }, (_, i) => from + i)
