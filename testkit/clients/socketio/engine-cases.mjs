// What Engine.IO asks of any server, on any path, in revision 3 or 4; engine-io.test.mjs and socket-io.test.mjs run it.
import { describe, expect, test } from "vitest"
import { Polling, Wire } from "./raw.mjs"
import { beyondOfficial } from "./target.mjs"

export const PING_INTERVAL = 300
export const PING_TIMEOUT = 200

const revisionKeys = { 3: [], 4: ["maxPayload"] }
const methods = (eio) => (eio === 4 ? ["POST", "PUT"] : ["POST"])
// Revision 3 leaves open what a missing version means, and says nothing of a missing one over polling.
const badVersions = ["", "EIO=abc&"]
const badTransports = ["", "&transport=abc"]

const TIMER_SLACK = 20 // of a server's own timers
const pause = (ms) => new Promise((done) => setTimeout(done, ms))

/** `target`: { url(), path, eio, alive(wire) } where alive shows that a session over WebSocket still works. */
export function engineCases({ url, path, eio, alive }) {
  const polling = () => Polling.open(url(), path, eio, eio === 3 ? "&b64=1" : "")
  const webSocket = (options) => Wire.open(url(), path, eio, options)
  const upgrading = async (session) => {
    const wire = new Wire(url(), path, `?EIO=${eio}&transport=websocket&sid=${session.sid}`)
    await wire.opened
    wire.send("2probe")
    expect(await wire.next()).toBe("3probe")
    return wire
  }
  const upgraded = async (session) => {
    const wire = await upgrading(session)
    wire.send("5")
    return wire
  }
  const offers = (handshake, upgrades) => {
    expect(handshake).toMatchObject({ upgrades, pingInterval: PING_INTERVAL, pingTimeout: PING_TIMEOUT })
    expect(handshake.sid).toEqual(expect.any(String))
    expect([1_000_000, undefined]).toContain(handshake.maxPayload)
    const allowed = ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"]
    expect(allowed).toEqual(expect.arrayContaining(Object.keys(handshake)))
    expect(Object.keys(handshake)).toEqual(expect.arrayContaining(revisionKeys[eio]))
  }

  describe("handshake over polling", () => {
    test("opens a session and offers the upgrade", async () => {
      offers((await polling()).handshake, ["websocket"])
    })

    if (eio === 4) {
      test.each(badVersions)("refuses the version %j", async (version) => {
        expect((await fetch(`${url()}${path}?${version}transport=polling`)).status).toBe(400)
      })
    }

    test.each(badTransports)("refuses the transport %j", async (transport) => {
      expect((await fetch(`${url()}${path}?EIO=${eio}${transport}`)).status).toBe(400)
    })

    test.each(methods(eio))("refuses to open a session with %s", async (method) => {
      expect((await fetch(`${url()}${path}?EIO=${eio}&transport=polling`, { method })).status).toBe(400)
    })
  })

  describe("handshake over WebSocket", () => {
    test("opens a session without an upgrade", async () => {
      const wire = await webSocket()
      offers(wire.handshake, [])
      wire.close()
    })

    test.each(badVersions)("closes on the version %j", async (version) => {
      await new Wire(url(), path, `?${version}transport=websocket`).isClosed()
    })

    test.each(badTransports)("closes on the transport %j", async (transport) => {
      await new Wire(url(), path, `?EIO=${eio}${transport}`).isClosed()
    })
  })

  describe("heartbeat", () => {
    if (eio === 4) {
      test("comes over polling from the server", async () => {
        const session = await polling()
        for (let i = 0; i < 3; i++) {
          expect(await session.get()).toMatchObject({ status: 200, text: "2" })
          expect((await session.post("3")).status).toBe(200)
        }
      })

      test("comes over WebSocket from the server", async () => {
        const wire = await webSocket({ showPings: true })
        for (let i = 0; i < 3; i++) {
          expect(await wire.next()).toBe("2")
          wire.send("3")
        }
        wire.close()
      })
    } else {
      test("comes over polling from the client and is answered", async () => {
        const session = await polling()
        for (let i = 0; i < 3; i++) {
          expect((await session.post("2")).status).toBe(200)
          expect(await session.get()).toMatchObject({ status: 200, text: "1:3" })
        }
      })

      test("comes over WebSocket from the client and is answered", async () => {
        const wire = await webSocket({ showPings: true })
        for (let i = 0; i < 3; i++) {
          wire.send("2")
          expect(await wire.next()).toBe("3")
        }
        wire.close()
      })
    }

    test("that stays away closes a polling session in time", async () => {
      const session = await polling()
      await pause(PING_INTERVAL + PING_TIMEOUT + TIMER_SLACK)
      expect((await (eio === 4 ? session.get() : session.post("2"))).status).toBe(400)
    })

    test("that stays away closes a WebSocket in time", async () => {
      const wire = await webSocket({ showPings: true })
      await wire.isClosed(2 * (PING_INTERVAL + PING_TIMEOUT))
    })
  })

  describe("close", () => {
    test("by the client ends the waiting poll and the session", async () => {
      const session = await polling()
      const [poll, close] = await Promise.all([session.get(), session.post("1")])
      expect(poll).toMatchObject({ status: 200, text: eio === 4 ? "6" : "1:6" })
      expect(close.status).toBe(200)
      expect((await session.get()).status).toBe(400)
    })

    test("by the client closes the WebSocket", async () => {
      const wire = await webSocket({ showPings: true })
      wire.send("1")
      await wire.isClosed()
    })

    beyondOfficial("by the client closes the WebSocket at once, not for want of a heartbeat", async () => {
      const wire = await webSocket()
      wire.send("1")
      await wire.isClosed(PING_INTERVAL - 50)
    })
  })

  describe("upgrade", () => {
    test("answers the probe, ends the waiting poll with a noop and goes on over WebSocket", async () => {
      const session = await polling()
      const wire = await upgrading(session)
      expect(await session.get()).toMatchObject({ status: 200, text: eio === 4 ? "6" : "1:6" })
      wire.send("5")
      await alive(wire)
      wire.close()
    })

    test("leaves polling requests that come later outside", async () => {
      const session = await polling()
      const wire = await upgraded(session)
      expect((await session.get()).status).toBe(400)
      await alive(wire)
      wire.close()
    })

    test("leaves a second WebSocket outside", async () => {
      const session = await polling()
      const wire = await upgraded(session)
      await new Wire(url(), path, `?EIO=${eio}&transport=websocket&sid=${session.sid}`).isClosed()
      await alive(wire)
      wire.close()
    })
  })
}
