// Stock clients in Node.js: npm socket.io-client 4 and 2, unchanged, over each transport.
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { start } from "./target.mjs"
import { client, collect, connected, next, request, stock, transportOf, upTo } from "./stock.mjs"

let conformance
let lab
beforeAll(async () => {
  ;[conformance, lab] = await Promise.all([start("conformance"), start("lab")])
})
afterAll(() => Promise.all([conformance.stop(), lab.stop()]))

const bytesOf = (value) => Buffer.from(value)

describe.each(stock)("socket.io-client $version over $transport", ({ version, transport }) => {
  const here = { version, transport }
  const open = (path = "", options) => connected(lab.url + path, { ...here, ...options })

  test("connects, upgrades where it may, and disconnects", async () => {
    const socket = client(lab.url, here)
    const upgraded = transport === "upgrade" && next(socket.io, "open").then(() => next(socket.io.engine, "upgrade"))
    await next(socket, "connect")
    expect(socket.id).toEqual(expect.any(String))
    await upgraded
    expect(transportOf(socket)).toBe(transport === "polling" ? "polling" : "websocket")
    const observer = await connected(lab.url)
    const { id } = socket
    expect((await request(observer, "present"))[0]).toContain(id)
    const gone = next(socket, "disconnect")
    socket.disconnect()
    expect((await gone)[0]).toBe("io client disconnect")
    await expect.poll(async () => (await request(observer, "present"))[0]).not.toContain(id)
  })

  test.each([
    ["numbers", [0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER]],
    ["texts", ["", "Grüße, 世界 🦜", "a\u0000b\u001ec\u2028d", '"\\\n\t']],
    ["nothing at all", []],
    ["null, booleans and nested values", [null, true, false, { a: [{ b: { c: [] } }], "": {} }, [[], [[1]]]]],
  ])("echoes %s", async (_, args) => {
    const socket = await open()
    const back = next(socket, "message")
    socket.emit("say", ...args)
    expect((await back).slice(0, args.length)).toEqual(args)
  })

  test("echoes bytes, alone, nested, empty and large", async () => {
    const socket = await open()
    const large = Buffer.from(upTo(100_000).map((i) => i % 251))
    const back = next(socket, "message")
    socket.emit("say", Buffer.of(1, 2), { in: [Buffer.alloc(0), "text", { deep: large }] }, Buffer.of(255))
    const [first, nested, last] = await back
    expect(bytesOf(first)).toEqual(Buffer.of(1, 2))
    expect(bytesOf(nested.in[0])).toEqual(Buffer.alloc(0))
    expect(nested.in[1]).toBe("text")
    expect(bytesOf(nested.in[2].deep).equals(large)).toBe(true)
    expect(bytesOf(last)).toEqual(Buffer.of(255))
  })

  test("is acknowledged and acknowledges, with bytes too", async () => {
    const socket = await open()
    expect(await request(socket, "remember", 1)).toEqual([])
    socket.on("question", (payload, answer) => answer({ heard: payload, bytes: Buffer.of(7) }))
    const [answer] = await request(socket, "ask", "what?")
    expect(answer.heard).toBe("what?")
    expect(bytesOf(answer.bytes)).toEqual(Buffer.of(7))
    const [bytes] = await request(socket, "ask", Buffer.of(1, 2, 3))
    expect(bytesOf(bytes.heard)).toEqual(Buffer.of(1, 2, 3))
  })

  test("that never acknowledges is waited for only so long", async () => {
    const socket = await open()
    expect(await request(socket, "ask", "anyone?")).toEqual(["timed out"])
  })

  test("answers a broadcast that asks", async () => {
    const room = `asked-${version}-${transport}`
    const asker = await open()
    const others = await Promise.all([open(), open()])
    others.forEach((socket, i) => socket.on("question", (payload, answer) => answer(`${payload} ${i}`)))
    for (const socket of others) await request(socket, "join", room)
    const [answers] = await request(asker, "publish-asking", room, "you are?")
    expect(answers.sort()).toEqual(["you are? 0", "you are? 1"])
  })

  test("hears its rooms, and no others", async () => {
    const room = `room-${version}-${transport}`
    const [inside, outside] = [await open(), await open()]
    const heard = collect(inside)
    const unheard = collect(outside)
    await request(inside, "join", room)
    await request(outside, "publish", room, 1)
    await request(inside, "leave", room)
    await request(outside, "publish", room, 2)
    await request(inside, "join", room)
    await request(outside, "publish", room, 3)
    await request(inside, "whoami")
    expect(heard).toEqual([1, 3])
    expect(unheard).toEqual([])
  })

  test("has several namespaces on one connection, and leaves one of them alone", async () => {
    const main = client(lab.url, here)
    const other = main.io.socket("/other")
    await Promise.all([next(main, "connect"), next(other, "connect")])
    expect(main.io.engine).toBe(other.io.engine)
    expect((await request(main, "whoami"))[0].id).toBe(main.id)
    expect((await request(other, "whoami"))[0].id).toBe(other.id)
    expect(main.id).not.toBe(other.id)
    const left = next(other, "disconnect")
    other.disconnect()
    await left
    expect((await request(main, "whoami"))[0].id).toBe(main.id)
  })

  test("is told that a namespace is not there", async () => {
    const socket = client(`${lab.url}/nowhere`, here)
    const [error] = await next(socket, version === 4 ? "connect_error" : "error")
    expect(error.message ?? error).toBe("Invalid namespace")
  })

  test("is told that a middleware refuses it, and why", async () => {
    const [error] =
      version === 4
        ? await next(client(lab.url, { ...here, auth: { refuse: true } }), "connect_error")
        : await next(client(`${lab.url}/other?refuse=yes`, here), "error")
    if (version === 4) expect(error.message).toBe("refused")
    expect(version === 4 ? error.data : error).toEqual({ code: 7 })
  })

  test("is told that the server sends it away", async () => {
    const [one, two] = [await open(), await open()]
    const gone = next(one, "disconnect")
    await request(two, "expel", one.id)
    expect((await gone)[0]).toBe("io server disconnect")
  })

  test("sends thousands of messages at once and has them back in order", async () => {
    const socket = await open()
    const heard = collect(socket)
    for (const i of upTo(3000)) socket.emit("say", i)
    await request(socket, "whoami")
    expect(heard).toEqual(upTo(3000))
  })

  test("keeps bytes and texts in the order they were said", async () => {
    const socket = await open()
    const heard = collect(socket)
    for (const i of upTo(200)) socket.emit("say", i % 2 ? Buffer.of(i) : i)
    await request(socket, "whoami")
    expect(heard.map((value) => (typeof value === "number" ? value : bytesOf(value)[0]))).toEqual(upTo(200))
  })
})

test("every client stays connected while nobody says anything", async () => {
  const sockets = await Promise.all(stock.map((options) => connected(lab.url, options)))
  const gone = []
  for (const socket of sockets) socket.on("disconnect", (reason) => gone.push(reason))
  await new Promise((done) => setTimeout(done, 1500)) // longer than a heartbeat and its time-out
  expect(gone).toEqual([])
  for (const socket of sockets) await request(socket, "whoami")
})

describe.each(["polling", "websocket", "upgrade"])("socket.io-client 4 over %s on the suites' server", (transport) => {
  test("gets what it gave as auth, message-back and acknowledgements", async () => {
    const socket = client(conformance.url, { transport, auth: { token: "123" } })
    expect(await next(socket, "auth")).toEqual([{ token: "123" }])
    const back = next(socket, "message-back")
    socket.emit("message", 1, "2", { 3: [true] })
    expect(await back).toEqual([1, "2", { 3: [true] }])
    expect(await request(socket, "message-with-ack", "a", { b: [] })).toEqual(["a", { b: [] }])
    const custom = client(`${conformance.url}/custom`, { transport, auth: { token: "abc" } })
    expect(await next(custom, "auth")).toEqual([{ token: "abc" }])
  })

  test("repeats what is not acknowledged, and has each once", async () => {
    const socket = await connected(conformance.url, { transport, retries: 3, ackTimeout: 1000 })
    const answers = await Promise.all(upTo(50).map((i) => socket.emitWithAck("message-with-ack", i)))
    expect(answers).toEqual(upTo(50))
  })
})
