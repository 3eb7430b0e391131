// Messages in both directions while a stock client goes from polling to WebSocket: none lost, none doubled, in order.
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { proxy } from "./proxy.mjs"
import { client, collect, connected, next, request, transportOf, upTo, versions } from "./stock.mjs"
import { start } from "./target.mjs"

const AFTER = 50 // messages once upgraded

let echo
beforeAll(async () => {
  echo = await start("echo")
})
afterAll(() => echo.stop())

const turn = () => new Promise((done) => setImmediate(done))
const number = (value) => (typeof value === "number" ? value : Buffer.from(value).readInt32BE())
const bytes = (i) => {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(i)
  return buffer
}

/** Says 0, 1, 2, … from before the upgrade until AFTER messages past it, never far ahead of what has come; gives how many. */
async function talk(socket, say, came = () => Infinity) {
  let count = 0
  for (let left = AFTER; left > 0; count++) {
    say(count)
    if (transportOf(socket) === "websocket" && socket.io.engine.upgrading !== true) left--
    do await turn()
    while (count - came() > 100)
  }
  return count
}

describe.each(Object.keys(versions).map(Number))("socket.io-client %i", (version) => {
  const upgrading = (url, options) => connected(url, { version, transport: "upgrade", ...options })

  test.each(upTo(5))("has each of its messages back once and in order, round %i", async () => {
    const socket = await upgrading(echo.url)
    const heard = collect(socket, "message-back")
    const count = await talk(socket, (i) => socket.emit("message", i % 7 === 3 ? bytes(i) : i), () => heard.length)
    await expect.poll(() => heard.length, { timeout: 5000 }).toBeGreaterThanOrEqual(count)
    await request(socket, "message-with-ack", "the last")
    expect(heard.map(number)).toEqual(upTo(count))
  })

  test("hears each message of a room once and in order, and is heard", async () => {
    const publisher = await connected(echo.url)
    const rooms = upTo(4).map((i) => `upgrading-${version}-${i}`)
    const sockets = await Promise.all(rooms.map(() => upgrading(echo.url)))
    const heard = sockets.map((socket) => collect(socket))
    await Promise.all(sockets.map((socket, i) => request(socket, "join", rooms[i])))
    const back = sockets.map((socket) => collect(socket, "message-back"))
    const said = sockets.map(() => 0)
    const published = await talk(sockets.at(-1), (n) => {
      for (const [i, socket] of sockets.entries()) {
        publisher.emit("publish", rooms[i], n)
        socket.emit("message", said[i]++)
      }
    }, () => Math.min(...[...heard, ...back].map((came) => came.length)))
    for (const [i] of sockets.entries()) {
      await expect.poll(() => heard[i].length, { timeout: 5000 }).toBeGreaterThanOrEqual(published)
      await expect.poll(() => back[i].length, { timeout: 5000 }).toBeGreaterThanOrEqual(said[i])
      await request(sockets[i], "message-with-ack", "the last")
      expect(heard[i]).toEqual(upTo(published))
      expect(back[i]).toEqual(upTo(said[i]))
    }
  })

  test("has every acknowledgement while it upgrades", async () => {
    const socket = await upgrading(echo.url)
    const answers = []
    const count = await talk(socket, (i) => socket.emit("message-with-ack", i, (answer) => answers.push(answer)), () => answers.length)
    await expect.poll(() => answers.length, { timeout: 5000 }).toBe(count)
    expect(answers).toEqual(upTo(count))
  })

  test("upgrades over a slow network", async () => {
    const slow = await proxy(echo.port)
    slow.slow(64, 1)
    const socket = await upgrading(slow.url)
    const heard = collect(socket, "message-back")
    const count = await talk(socket, (i) => socket.emit("message", i), () => heard.length)
    await request(socket, "message-with-ack", "the last")
    expect(heard).toEqual(upTo(count))
  })

  test("stays with polling where WebSocket is not let through", async () => {
    const network = await proxy(echo.port)
    network.refuse((sent) => /upgrade: *websocket/i.test(sent))
    const socket = client(network.url, { version, transport: "upgrade" })
    const failed = next(socket.io, "open").then(() => next(socket.io.engine, "upgradeError"))
    await next(socket, "connect")
    const heard = collect(socket, "message-back")
    for (const i of upTo(100)) socket.emit("message", i)
    await failed
    for (const i of upTo(200, 100)) socket.emit("message", i)
    await request(socket, "message-with-ack", "the last")
    expect(transportOf(socket)).toBe("polling")
    expect(heard).toEqual(upTo(200))
  })

  test("stays with polling where a WebSocket opens and then nothing passes", async () => {
    const network = await proxy(echo.port)
    network.swallow((sent) => /upgrade: *websocket/i.test(sent))
    const socket = await upgrading(network.url)
    const heard = collect(socket, "message-back")
    for (const i of upTo(100)) {
      socket.emit("message", i)
      if (i % 10 === 0) await request(socket, "message-with-ack", "still there")
    }
    await request(socket, "message-with-ack", "the last")
    expect(transportOf(socket)).toBe("polling")
    expect(heard).toEqual(upTo(100))
  })
})
