// Engine.IO 4 and 3 as their specifications and published suites ask, against `conformance` at /engine.io/, which echoes.
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engineCases } from "./engine-cases.mjs"
import { payload, Polling, Wire } from "./raw.mjs"
import { beyondOfficial, start } from "./target.mjs"

const path = "/engine.io/"
let target
beforeAll(async () => {
  target = await start("conformance")
})
afterAll(() => target.stop())

const url = () => target.url
const bytes = Buffer.of(1, 2, 3, 4)

describe.each([4, 3])("Engine.IO %i", (eio) => {
  const polling = () => Polling.open(url(), path, eio, eio === 3 ? "&b64=1" : "")
  const binaryText = eio === 4 ? "bAQIDBA==" : "b4AQIDBA=="

  engineCases({
    url, path, eio,
    alive: async (wire) => {
      wire.send("4hello")
      expect(await wire.next()).toBe("4hello")
    },
  })

  describe("messages over polling", () => {
    test.each([
      ["one text", ["4hello"]],
      ["several texts", ["4one", "4two", "4three"]],
      ["text beyond ASCII", ["4Grüße, 世界"]],
      ["text and bytes", ["4hello", binaryText]],
    ])("carry %s there and back", async (_, sent) => {
      const session = await polling()
      expect(await session.post(...sent)).toMatchObject({ status: 200, text: "ok" })
      const answer = await session.get()
      expect(answer).toMatchObject({ status: 200, text: payload(eio, ...sent) })
    })

    if (eio === 3) {
      test("carry bytes as bytes to a client that did not ask for base64", async () => {
        const session = await Polling.open(url(), path, eio)
        expect((await session.post("4hello", binaryText)).status).toBe(200)
        const answer = await session.get()
        expect(answer.status).toBe(200)
        const text = [0, 6, 255, ...Buffer.from("4hello")]
        expect([...answer.bytes]).toEqual([...text, 1, 5, 255, 4, ...bytes])
      })
    }

    test("end the session when they are none", async () => {
      const session = await polling()
      await session.request("POST", { body: "abc" }).catch(() => {}) // a server may hang up, too
      expect((await session.get()).status).toBe(400)
    })

    beyondOfficial("are refused when they are none", async () => {
      const session = await polling()
      expect((await session.request("POST", { body: "abc" })).status).toBe(400)
    })

    test("end the session when two polls wait at once", async () => {
      const session = await polling()
      const first = session.get()
      await polling() // by the time it is there, the server has seen the poll
      const second = await session.get()
      expect(await first).toMatchObject({ status: 200, text: payload(eio, "1") })
      expect([400, 500]).toContain(second.status)
      expect((await session.get()).status).toBe(400)
    })

    test("end the session when a waiting poll is given up", async () => {
      const session = await polling()
      const giveUp = new AbortController()
      const poll = session.get({ signal: giveUp.signal }).catch((aborted) => aborted.name)
      await polling()
      giveUp.abort()
      expect(await poll).toBe("AbortError")
      expect((await session.get()).status).toBe(400)
    })
  })

  describe("messages over WebSocket", () => {
    test("carry text there and back", async () => {
      const wire = await Wire.open(url(), path, eio)
      wire.send("4hello")
      expect(await wire.next()).toBe("4hello")
      wire.close()
    })

    test("carry bytes there and back", async () => {
      const wire = await Wire.open(url(), path, eio)
      const sent = eio === 4 ? bytes : Buffer.concat([Buffer.of(4), bytes])
      wire.send(sent)
      expect(await wire.next()).toEqual(sent)
      wire.close()
    })

    test("close the session when they are none", async () => {
      const wire = await Wire.open(url(), path, eio)
      wire.send("abc")
      await wire.isClosed(250) // by the packet, not for want of a heartbeat
    })
  })
})
