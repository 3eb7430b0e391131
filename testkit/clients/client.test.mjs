// npm @durable-streams/client, unchanged, against the real server: follow, resume, append, and a server that dies.
import { DurableStream, IdempotentProducer, stream } from "@durable-streams/client"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, test } from "vitest"
import { startServer } from "./server.mjs"

const base = () => `${process.env.SERVER_URL}/v1/stream`
const cleanups = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

/** Follows `url` until `enough` says so; returns what came, in order. */
async function follow(url, { offset, live, enough }) {
  const items = []
  const stop = new AbortController()
  const response = await stream({ url, offset, live, json: true, signal: stop.signal })
  return new Promise((done, refuse) => {
    const timer = setTimeout(() => refuse(new Error(`only ${items.length} items: ${JSON.stringify(items.slice(-3))}`)), 45_000)
    response.subscribeJson((batch) => {
      items.push(...batch.items)
      if (enough(items)) {
        clearTimeout(timer)
        stop.abort()
        done({ items, offset: batch.offset })
      }
    })
  })
}

for (const live of ["sse", "long-poll"]) {
  test(`a follower over ${live} sees the past, then what is appended, once and in order`, async () => {
    const url = `${base()}/clients/follow-${live}-${Date.now()}`
    const handle = await DurableStream.create({ url, contentType: "application/json" })
    for (let i = 0; i < 10; i++) await handle.append(JSON.stringify({ i }))
    const followed = follow(url, { offset: "-1", live, enough: (items) => items.length >= 30 })
    for (let i = 10; i < 30; i++) await handle.append(JSON.stringify({ i }))
    const { items } = await followed
    expect(items.map((item) => item.i)).toEqual(Array.from({ length: 30 }, (_, i) => i))
  })
}

test("a reader that saved its offset resumes after it", async () => {
  const url = `${base()}/clients/resume-${Date.now()}`
  const handle = await DurableStream.create({ url, contentType: "application/json" })
  for (let i = 0; i < 5; i++) await handle.append(JSON.stringify({ i }))
  const first = await follow(url, { offset: "-1", live: "sse", enough: (items) => items.length === 5 })
  for (let i = 5; i < 8; i++) await handle.append(JSON.stringify({ i }))
  const second = await follow(url, { offset: first.offset, live: "sse", enough: (items) => items.length === 3 })
  expect(second.items.map((item) => item.i)).toEqual([5, 6, 7])
})

test("a producer and a follower outlive kill -9 of the server: nothing lost, nothing doubled", async () => {
  const data = mkdtempSync(join(tmpdir(), "parley-client-"))
  cleanups.push(() => rmSync(data, { recursive: true, force: true }))
  const port = await freePort()
  let server = await startServer({ data, port })
  cleanups.push(() => server.stop("SIGKILL"))
  const url = `${server.url}/v1/stream/clients/survivor`
  const handle = await DurableStream.create({ url, contentType: "application/json" })
  const count = 300
  const followed = follow(url, { offset: "-1", live: "long-poll", enough: (items) => items.length >= count })
  const errors = []
  const producer = new IdempotentProducer(handle, "writer", { autoClaim: true, onError: (e) => errors.push(e) })
  for (let i = 0; i < count; i++) {
    producer.append(JSON.stringify({ i }))
    if (i % 10 === 9) await producer.flush()
    if (i === 149) {
      await server.stop("SIGKILL")
      server = await startServer({ data, port })
    }
  }
  await producer.flush()
  expect(errors).toEqual([])
  const { items } = await followed
  expect(items.map((item) => item.i)).toEqual(Array.from({ length: count }, (_, i) => i))
})

function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })
}
