// Socket.IO 5 as its specification and published suite ask, against `conformance` at /socket.io/.
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engineCases } from "./engine-cases.mjs"
import { Wire } from "./raw.mjs"
import { start } from "./target.mjs"

const path = "/socket.io/"
let target
beforeAll(async () => {
  target = await start("conformance")
})
afterAll(() => target.stop())

const url = () => target.url
const placeholders = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
const attachments = [Buffer.of(1, 2, 3), Buffer.of(4, 5, 6)]

async function connected(options) {
  const wire = await Wire.open(url(), path, 4, options)
  wire.send("40")
  expect(await wire.next()).toMatch(/^40\{/)
  expect(await wire.next()).toBe('42["auth",{}]')
  return wire
}

const take = async (wire, count) => {
  const found = []
  while (found.length < count) found.push(await wire.next())
  return found
}

describe("underneath, Engine.IO 4", () => {
  engineCases({
    url, path, eio: 4,
    alive: async (wire) => {
      wire.send("40")
      expect(await wire.next()).toMatch(/^40\{/)
    },
  })
})

describe("connect", () => {
  test.each([
    ["the main namespace", "40", "40", '42["auth",{}]'],
    ["the main namespace with a payload", '40{"token":"123"}', "40", '42["auth",{"token":"123"}]'],
    ["another namespace", "40/custom,", "40/custom,", '42/custom,["auth",{}]'],
    ["another namespace with a payload", '40/custom,{"token":"abc"}', "40/custom,", '42/custom,["auth",{"token":"abc"}]'],
  ])("lets a client into %s and tells it its id", async (_, connect, prefix, auth) => {
    const wire = await Wire.open(url(), path)
    wire.send(connect)
    const answer = await wire.next()
    expect(answer.slice(0, prefix.length)).toBe(prefix)
    const handshake = JSON.parse(answer.slice(prefix.length))
    expect(handshake).toEqual({ sid: expect.any(String) })
    expect(handshake.sid).not.toBe(wire.handshake.sid) // that one is a secret
    expect(await wire.next()).toBe(auth)
    wire.close()
  })

  test("refuses a namespace that is not there", async () => {
    const wire = await Wire.open(url(), path)
    wire.send("40/random")
    expect(await wire.next()).toBe('44/random,{"message":"Invalid namespace"}')
    wire.close()
  })

  test("closes on a first packet that is none", async () => {
    const wire = await Wire.open(url(), path)
    wire.send("4abc")
    await wire.isClosed(500)
  })

  test("closes when the client keeps silent", async () => {
    const wire = await Wire.open(url(), path)
    await wire.isClosed(2000) // it answers pings, so only the connect time-out is left
  })
})

describe("disconnect", () => {
  test("from the main namespace leaves the connection open", async () => {
    const wire = await connected({ showPings: true })
    wire.send("41")
    expect(await wire.next()).toBe("2")
    wire.close()
  })

  test("from another namespace leaves the main namespace connected", async () => {
    const wire = await connected()
    wire.send("40/custom")
    expect(await take(wire, 2)).toEqual([expect.stringMatching(/^40\/custom,\{/), '42/custom,["auth",{}]'])
    wire.send("41/custom")
    wire.send('42["message","still here"]')
    expect(await wire.next()).toBe('42["message-back","still here"]')
    wire.close()
  })
})

describe("message", () => {
  test.each([
    ["an event", '42["message",1,"2",{"3":[true]}]', '42["message-back",1,"2",{"3":[true]}]'],
    ["an event that wants an ack", '42456["message-with-ack",1,"2",{"3":[false]}]', '43456[1,"2",{"3":[false]}]'],
  ])("carries %s", async (_, sent, expected) => {
    const wire = await connected()
    wire.send(sent)
    expect(await wire.next()).toBe(expected)
    wire.close()
  })

  test.each([
    ["an event with attachments", `452-["message",${placeholders}]`, `452-["message-back",${placeholders}]`],
    ["an event with attachments that wants an ack", `452-789["message-with-ack",${placeholders}]`, `462-789[${placeholders}]`],
  ])("carries %s", async (_, sent, expected) => {
    const wire = await connected()
    for (const part of [sent, ...attachments]) wire.send(part)
    expect(await take(wire, 3)).toEqual([expected, ...attachments])
    wire.close()
  })

  test.each([
    ["an unknown packet type", "4abc"],
    ["a payload that is no array", "42{}"],
    ["an ack id that is no number", '42abc["message-with-ack",1,"2",{"3":[false]}]'],
  ])("closes the connection on %s", async (_, sent) => {
    const wire = await connected()
    wire.send(sent)
    await wire.isClosed(500)
  })
})
