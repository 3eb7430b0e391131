// Stock clients over a network that cuts, hangs, crawls, repeats and reorders. `lab` with recovery on: nothing lost, nothing doubled.
import { connect } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { gone, Guest } from "./guest.mjs"
import { proxy } from "./proxy.mjs"
import { Polling, Wire } from "./raw.mjs"
import { client, collect, connected, next, request, upTo } from "./stock.mjs"
import { freePort, start } from "./target.mjs"

let lab
let observer
beforeAll(async () => {
  lab = await start("lab")
  observer = await Guest.open(lab.url)
})
afterAll(() => lab.stop())

let rooms = 0
/** A stock client behind `network`, in a room of its own; `heard` is what it has heard there. */
async function member(network, transport) {
  const socket = await connected(network.url, { transport })
  const room = `network-${rooms++}`
  const heard = collect(socket)
  await request(socket, "join", room)
  await publish(room, 0)
  await expect.poll(() => heard).toEqual([0])
  return { socket, room, heard, id: socket.id }
}

const publish = (room, message) => observer.request("publish", room, message)

/** Cuts until the client has noticed: between two polls there is nothing to cut. */
async function cut(network, socket) {
  let noticed = false
  const lost = next(socket, "disconnect").then(() => (noticed = true))
  while (!noticed) {
    network.cut()
    await new Promise((turn) => setTimeout(turn, 5))
  }
  return lost
}

async function expectBack({ socket, id }) {
  if (!socket.connected) await next(socket, "connect")
  expect(socket).toMatchObject({ id, recovered: true })
}

describe.each(["polling", "websocket", "upgrade"])("over %s, a client", (transport) => {
  test("whose connections are cut again and again hears all, once and in order", async () => {
    const network = await proxy(lab.port)
    const it = await member(network, transport)
    let said = 1
    for (const round of upTo(8)) {
      for (const _ of upTo(5)) await publish(it.room, said++)
      const lost = cut(network, it.socket)
      for (const _ of upTo(5)) await publish(it.room, said++)
      await lost
      for (const _ of upTo(round)) await publish(it.room, said++)
      await expectBack(it)
    }
    await request(it.socket, "whoami")
    expect(it.heard).toEqual(upTo(said))
  })

  test("whose connections hang is back when both sides have noticed, and has missed nothing", async () => {
    const network = await proxy(lab.port)
    const it = await member(network, transport)
    const lost = next(it.socket, "disconnect")
    network.freeze()
    for (const i of upTo(20, 1)) await publish(it.room, i)
    await lost
    await expectBack(it)
    await request(it.socket, "whoami")
    expect(it.heard).toEqual(upTo(20))
    expect((await observer.request("present")).filter((id) => id === it.id)).toHaveLength(1)
  })

  test("says what it had to say when the network is back, in order", async () => {
    const network = await proxy(lab.port)
    const it = await member(network, transport)
    await cut(network, it.socket)
    for (const i of upTo(50, 1)) it.socket.emit("publish", it.room, i)
    await expectBack(it)
    await request(it.socket, "whoami")
    expect(it.heard).toEqual(upTo(50))
  })

  test("on a slow network has large and small messages whole and in order", async () => {
    const network = await proxy(lab.port)
    const it = await member(network, transport)
    network.slow(997, 1)
    const large = Buffer.from(upTo(60_000).map((i) => (i * 7) % 256))
    it.socket.emit("say", large)
    for (const i of upTo(100)) it.socket.emit("say", i)
    await request(it.socket, "whoami")
    expect(Buffer.from(it.heard[1]).equals(large)).toBe(true)
    expect(it.heard.slice(2)).toEqual(upTo(100))
  })

  test("that cannot recover connects anew", async () => {
    const network = await proxy(lab.port)
    const socket = await connected(network.url, { version: 2, transport })
    const { id } = socket
    await cut(network, socket)
    if (!socket.connected) await next(socket, "connect")
    expect(socket.id).not.toBe(id)
    expect((await request(socket, "whoami"))[0]).toMatchObject({ id: socket.id, recovered: false })
  })
})

describe("polling requests", () => {
  const once = (matches) => {
    let left = 1
    return (sent) => matches.test(sent) && left-- > 0
  }

  test("that arrive in another order than they were sent change nothing", async () => {
    const network = await proxy(lab.port)
    let turn = 0
    network.delay((sent) => (/^(GET|POST) .*sid=/.test(sent) ? (turn++ % 3) * 15 : 0))
    const it = await member(network, "polling")
    for (const i of upTo(30, 1)) {
      it.socket.emit("say", i)
      if (i % 3 === 0) await request(it.socket, "whoami")
    }
    await request(it.socket, "whoami")
    expect(it.heard).toEqual(upTo(30))
    expect(it.socket.recovered).toBe(false) // it was never gone
  })

  test("to receive that are repeated end the session, and the client comes back with all it missed", async () => {
    const network = await proxy(lab.port)
    const it = await member(network, "polling")
    let said = 1
    for (const _ of upTo(5)) {
      await expect.poll(() => network.polls()).toBe(true) // else the poll repeated would be this one, and its twin could get the message
      const lost = next(it.socket, "disconnect")
      network.repeat(once(/^GET .*sid=/))
      await publish(it.room, said++) // answers the poll; the next one comes twice
      await lost
      for (const _ of upTo(5)) await publish(it.room, said++)
      await expectBack(it)
    }
    await request(it.socket, "whoami")
    expect(it.heard).toEqual(upTo(said))
  })

  test("to send that are repeated neither reach others nor end the server", async () => {
    const network = await proxy(lab.port)
    const it = await member(network, "polling")
    const other = await member(network, "websocket")
    for (const i of upTo(5, 1)) {
      network.repeat(once(/^POST .*sid=/))
      it.socket.emit("say", i)
      await expect.poll(() => it.heard.includes(i) || !it.socket.connected).toBe(true)
      if (!it.socket.connected) await next(it.socket, "connect")
    }
    await request(it.socket, "whoami")
    const each = [...new Set(it.heard)]
    expect(it.heard).toEqual(it.heard.toSorted((a, b) => a - b)) // the repetition of one, but nothing out of order
    expect(upTo(5)).toEqual(expect.arrayContaining(each))
    await publish(other.room, 1)
    await request(other.socket, "whoami")
    expect(other.heard).toEqual([0, 1])
  })

  test("whose body ends in the middle say nothing", async () => {
    const session = await Polling.open(lab.url, "/socket.io/")
    await session.post("40")
    await session.receive(1)
    const { pathname, search } = new URL(session.address)
    const half = connect(lab.port, "127.0.0.1")
    await new Promise((sent) =>
      half.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: parley\r\nContent-Length: 100\r\n\r\n42["publish-all","half`, sent))
    half.resetAndDestroy()
    const before = observer.events.length
    await observer.request("publish-all", "whole")
    await observer.request("whoami")
    expect(observer.messages.slice(before)).toEqual(["whole"])
  })

  test("of a session that is over get nothing of another", async () => {
    const session = await Polling.open(lab.url, "/socket.io/")
    await session.post("1")
    const farewell = await session.get() // a poll may have been under way when the client left: it ends with a noop
    expect(farewell.status === 400 || farewell.text === "6").toBe(true)
    for (const answer of [await session.get(), await session.post('42["publish-all","from the dead"]')]) {
      expect(answer.status).toBe(400)
    }
  })
})

test("a WebSocket message that ends in the middle is none", async () => {
  const wire = await Wire.open(lab.url, "/socket.io/")
  wire.send("40")
  const { sid } = JSON.parse((await wire.next()).slice(2))
  const before = observer.messages.length
  const masked = Buffer.from([0x81, 0x80 | 60, 0, 0, 0, 0]) // a text of 60 bytes, of which 20 come
  wire.socket._socket.write(Buffer.concat([masked, Buffer.from('42["publish-all","ha')]))
  wire.socket._socket.end()
  await gone(observer, sid)
  await observer.request("publish-all", "whole")
  await observer.request("whoami")
  expect(observer.messages.slice(before)).toEqual(["whole"])
  wire.close()
})

test("a client waits for the server, however long it takes to come", async () => {
  const port = await freePort()
  const socket = client(`http://127.0.0.1:${port}`, { transport: "upgrade" })
  await next(socket, "connect_error")
  const connects = next(socket, "connect", 30_000)
  const late = await start("lab", [], port)
  try {
    await connects
    expect((await request(socket, "whoami"))[0].id).toBe(socket.id)
  } finally {
    socket.disconnect()
    await late.stop()
  }
})
