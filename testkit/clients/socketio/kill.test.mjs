// kill -9 of the server under stock clients, and its restart: no event lost, none doubled, order kept, sessions as they were.
import { describe, expect, onTestFinished, test } from "vitest"
import { Guest } from "./guest.mjs"
import { client, collect, next, request, upTo } from "./stock.mjs"
import { beyondOfficial, folder, freePort, start } from "./target.mjs"

const CLIENTS = ["websocket", "polling", "upgrade", "websocket", "polling", "upgrade"]
const turn = () => new Promise((done) => setImmediate(done))

/** A server that can be killed and comes back at its address with what it had. */
async function mortal(program, args = []) {
  const data = folder()
  const port = await freePort()
  const run = (more = []) => start(program, [...args, "--data", data, ...more], port)
  let server = await run()
  onTestFinished(() => server.stop("SIGKILL"))
  return {
    url: server.url,
    async dies(signal, more) {
      await server.stop(signal)
      server = await run(more)
    },
  }
}

/** Resolves when each of `sockets` has lost its connection and is back; fails when one is a new session. */
function allBack(sockets) {
  return Promise.all(sockets.map(async (socket) => {
    const { id } = socket
    await next(socket, "disconnect", 15_000)
    await next(socket, "connect", 15_000)
    expect({ id: socket.id, recovered: socket.recovered }).toEqual({ id, recovered: true })
  }))
}

describe.each(["SIGKILL", "SIGTERM"])("after %s", (signal) => {
  beyondOfficial("everyone in a room has heard the same, once and in order", async () => {
    const server = await mortal("echo", ["--recovery"])
    const sockets = CLIENTS.map((transport) => client(server.url, { transport }))
    await Promise.all(sockets.map((socket) => next(socket, "connect")))
    const heard = sockets.map((socket) => collect(socket))
    await Promise.all(sockets.map((socket) => request(socket, "join", "everyone")))
    const [publisher] = sockets
    let said = 0
    const publish = () => publisher.emit("publish", "everyone", said++)
    const kept = []
    const allHear = async () => {
      publish()
      for (const mine of heard) await expect.poll(() => mine.at(-1), { timeout: 10_000, interval: 5 }).toBe(said - 1)
    }
    await allHear()
    for (const _ of upTo(3)) {
      const before = heard[0].length
      for (const _ of upTo(60)) (publish(), await turn())
      await expect.poll(() => heard[0].length, { timeout: 5000, interval: 1 }).toBeGreaterThan(before)
      const back = allBack(sockets)
      const restarted = server.dies(signal) // with some of them on their way
      await next(publisher, "disconnect", 15_000)
      for (const _ of upTo(20)) (kept.push(said), publish())
      await Promise.all([restarted, back])
      await allHear()
    }
    for (const mine of heard) expect(mine).toEqual(heard[0])
    expect(heard[0]).toEqual([...new Set(heard[0])].sort((a, b) => a - b))
    // What was written to a dying server may never have reached it; what the client kept until it was back has.
    expect(heard[0]).toEqual(expect.arrayContaining(kept))
  })

  beyondOfficial("a session has its id, its rooms, its data and every event that anyone has heard", async () => {
    const server = await mortal("lab")
    const guest = await Guest.open(server.url)
    const publisher = await Guest.open(server.url)
    for (const member of [guest, publisher]) await member.request("join", "room")
    await guest.request("remember", { name: "Ada", tags: ["x", 1] })
    await guest.request("say", "first")
    const before = await guest.request("whoami")
    const { offset } = guest
    guest.wire.close()
    for (const i of upTo(100)) await publisher.request("publish", "room", i)
    await publisher.request("publish", guest.sid, "to one")
    await publisher.request("publish-volatile", "room", "volatile")
    await publisher.request("publish", "elsewhere", "elsewhere")
    await publisher.request("publish-all", "to all")
    await expect.poll(async () => (await publisher.request("whoami"), publisher.messages)).toContain("to all")
    await server.dies(signal)
    const later = await Guest.open(server.url)
    await later.request("publish", "room", "after")
    const back = await Guest.open(server.url, { auth: { pid: guest.pid, offset } })
    expect(await back.request("whoami")).toEqual({ ...before, recovered: true })
    expect(back.messages).toEqual([...upTo(100), "to one", "to all", "after"])
  })

  test("a session that left on purpose does not come back", async () => {
    const server = await mortal("lab")
    const guest = await Guest.open(server.url)
    await guest.request("say", "first")
    guest.leave()
    await Guest.open(server.url).then((other) => other.request("present"))
    await server.dies(signal)
    const back = await Guest.open(server.url, { auth: { pid: guest.pid, offset: guest.offset } })
    expect(back.sid).not.toBe(guest.sid)
    expect(await back.request("whoami")).toMatchObject({ recovered: false, rooms: [] })
  })
})

test("a window that has passed while the server was down has passed", async () => {
  const server = await mortal("lab")
  const guest = await Guest.open(server.url)
  await guest.request("say", "first")
  await server.dies("SIGKILL", ["--window", "1"])
  const back = await Guest.open(server.url, { auth: { pid: guest.pid, offset: guest.offset } })
  expect(back.sid).not.toBe(guest.sid)
  expect(await back.request("whoami")).toMatchObject({ recovered: false })
})
