// Connection state recovery, packet by packet, against `lab`. README.md says what the server under test has to do.
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { gone, Guest } from "./guest.mjs"
import { Polling, Wire } from "./raw.mjs"
import { beyondOfficial, start } from "./target.mjs"
import { upTo } from "./stock.mjs"

let lab
let observer
beforeAll(async () => {
  lab = await start("lab")
  observer = await Guest.open(lab.url)
})
afterAll(() => lab.stop())

const open = (auth, options) => Guest.open(lab.url, { auth, ...options })
const back = (guest, options) => open({ pid: guest.pid, offset: guest.offset }, options)

let rooms = 0
/** A socket in a room of its own that has received one message, and thus an offset. */
async function member(options) {
  const guest = await open(undefined, options)
  guest.room = `room-${rooms++}`
  await guest.request("join", guest.room)
  await guest.request("publish", guest.room, "first")
  return guest
}

async function lost(options) {
  const guest = await member(options)
  await guest.lose(observer)
  return guest
}

const publish = (guest, message) => observer.request("publish", guest.room, message)

/** That it is the session of before, and what it missed came once and in order. */
async function expectRecovered(returned, guest, missed) {
  expect(returned).toMatchObject({ sid: guest.sid, pid: guest.pid })
  expect(await returned.request("whoami")).toMatchObject({ id: guest.sid, recovered: true })
  expect(returned.messages).toEqual(missed)
}

/** That it is a new session, which has nothing of the one before. */
async function expectFresh(returned, guest) {
  expect(returned.sid).toEqual(expect.any(String))
  expect(returned.pid).toEqual(expect.any(String))
  if (guest) expect([returned.sid, returned.pid]).not.toContain(guest.sid)
  if (guest) expect(returned.pid).not.toBe(guest.pid)
  expect(await returned.request("whoami")).toMatchObject({ id: returned.sid, recovered: false, rooms: [] })
  if (guest?.room) await publish(guest, "not for the new session")
  await returned.request("whoami")
  expect(returned.messages).toEqual([])
}

describe("a server that offers recovery", () => {
  test("gives each socket a private id beside its public one", async () => {
    const [one, two] = [await open(), await open()]
    expect(new Set([one.sid, one.pid, two.sid, two.pid]).size).toBe(4)
    for (const id of [one.pid, two.pid]) expect(id).toEqual(expect.any(String))
    expect(JSON.stringify(await one.request("whoami"))).not.toContain(one.pid)
  })

  test("ends each broadcast and each event for one socket alone with an offset of its own", async () => {
    const guest = await member()
    await publish(guest, "to the room")
    await observer.request("publish-all", "to all")
    await guest.request("say", "to one")
    expect(guest.messages).toEqual(["first", "to the room", "to all", "to one"])
    for (const event of guest.events) expect(event).toEqual(["message", expect.anything(), expect.any(String)])
    expect(new Set(guest.events.map((event) => event.at(-1))).size).toBe(4)
  })

  test("gives all who hear a broadcast the same offset", async () => {
    const [one, two] = [await member(), await open()]
    await two.request("join", one.room)
    await publish(one, "to both")
    await Promise.all([one.request("whoami"), two.request("whoami")])
    expect(one.offset).toBe(two.offset)
  })

  test("gives no offset to what wants an acknowledgement", async () => {
    const guest = await member()
    expect(await observer.request("publish-asking", guest.room, "asked")).toBe("timed out")
    await guest.request("whoami")
    expect(guest.events.slice(1)).toEqual([["question", "asked"]])
  })

  test("gives neither where recovery is off", async () => {
    const echo = await start("echo")
    try {
      const guest = await Guest.open(echo.url, { auth: { pid: "p", offset: "o" } })
      expect(guest.pid).toBeUndefined()
      await guest.request("join", "room")
      await guest.request("publish", "room", "hello")
      await guest.request("message-with-ack")
      expect(guest.events).toEqual([["message", "hello"]])
    } finally {
      await echo.stop()
    }
  })
})

describe("a socket that comes back", () => {
  test("gets what it missed, once and in order, whoever it was for", async () => {
    const guest = await lost()
    await publish(guest, "to the room")
    await observer.request("publish-all", "to all")
    await observer.request("publish", guest.sid, "to one")
    await publish(guest, { an: ["object"] })
    await expectRecovered(await back(guest), guest, ["to the room", "to all", "to one", { an: ["object"] }])
  })

  test("gets nothing when it missed nothing", async () => {
    const guest = await lost()
    await expectRecovered(await back(guest), guest, [])
  })

  test("gets nothing that was for others", async () => {
    const guest = await member()
    await guest.request("join", "a room it leaves")
    await guest.request("leave", "a room it leaves")
    await guest.request("whoami")
    await guest.lose(observer)
    await observer.request("publish", "a room it leaves", "no longer there")
    await observer.request("publish", "a room it never knew", "never there")
    await observer.request("publish", observer.sid, "to another")
    await observer.request("publish-except", guest.room, guest.sid, "to all but it")
    await publish(guest, "to it")
    await expectRecovered(await back(guest), guest, ["to it"])
  })

  test("gets bytes as bytes", async () => {
    const guest = await lost()
    observer.wire.send(`451-["publish","${guest.room}",{"_placeholder":true,"num":0}]`)
    observer.wire.send(Buffer.of(1, 2, 3))
    await publish(guest, "after")
    await expectRecovered(await back(guest), guest, [{ bytes: [1, 2, 3] }, "after"])
  })

  test("gets neither volatile events nor those that want an acknowledgement", async () => {
    const guest = await lost()
    await publish(guest, "kept")
    await observer.request("publish-volatile", guest.room, "volatile")
    await observer.request("publish-asking", guest.room, "asked")
    await publish(guest, "kept too")
    const returned = await back(guest)
    await expectRecovered(returned, guest, ["kept", "kept too"])
    expect(returned.events.map(([name]) => name)).toEqual(["message", "message"])
  })

  test("decides by its offset what it has missed", async () => {
    const guest = await member()
    for (const i of upTo(5)) await publish(guest, i)
    await guest.request("whoami")
    const offsets = guest.events.map((event) => event.at(-1))
    await guest.lose(observer)
    await expectRecovered(await open({ pid: guest.pid, offset: offsets[2] }), guest, [2, 3, 4])
  })

  test("gets an event that the server had written and the network lost", async () => {
    const session = await Polling.open(lab.url, "/socket.io/")
    const say = async (...sent) => expect((await session.post(...sent)).status).toBe(200)
    await say("40")
    const [connect] = await session.receive(1)
    const { sid, pid } = JSON.parse(connect.slice(2))
    await say('42["say","first"]')
    const [first] = await session.receive(1)
    const offset = JSON.parse(first.slice(2)).at(-1)
    await say('42["say","never polled"]', '42["say",2]')
    await say("1")
    await gone(observer, sid)
    await expectRecovered(await open({ pid, offset }), { sid, pid }, ["never polled", 2])
  })

  test("has its rooms, its data and its id, and hears its rooms again", async () => {
    const guest = await member()
    await guest.request("join", "another")
    await guest.request("remember", { name: "Ada" })
    const before = await guest.request("whoami")
    expect(before).toMatchObject({ id: guest.sid, recovered: false, rooms: ["another", guest.room] })
    await guest.lose(observer)
    const returned = await back(guest)
    expect(await returned.request("whoami")).toEqual({ ...before, recovered: true })
    await publish(guest, "live")
    await observer.request("publish", guest.sid, "to one")
    await returned.request("whoami")
    expect(returned.messages).toEqual(["live", "to one"])
  })

  test("may come back again and again", async () => {
    let guest = await lost()
    const { sid } = guest
    for (const i of upTo(5)) {
      await publish(guest, i)
      const returned = Object.assign(await back(guest), { room: guest.room })
      await expectRecovered(returned, guest, [i])
      expect(returned.sid).toBe(sid)
      guest = returned
      await guest.lose(observer)
    }
  })

  test("may come back over the other transport", async () => {
    const guest = await lost()
    await publish(guest, "missed")
    const session = await Polling.open(lab.url, "/socket.io/")
    await session.post(`40${JSON.stringify({ pid: guest.pid, offset: guest.offset })}`)
    const received = await session.receive(2)
    expect(received).toContain(`40${JSON.stringify({ sid: guest.sid, pid: guest.pid })}`)
    expect(received).toContainEqual(expect.stringMatching(/^42\["message","missed",/))
    expect((await session.post("1")).status).toBe(200)
  })

  test("gets thousands of missed events in order", async () => {
    const guest = await lost()
    for (const i of upTo(2999)) observer.wire.send(`42["publish","${guest.room}",${i}]`)
    await publish(guest, 2999)
    await expectRecovered(await back(guest), guest, upTo(3000))
  })

  test("has each event once and in order while others go on talking", async () => {
    const guest = await member()
    const heard = []
    let said = 0
    let talking = true
    const talk = (async () => {
      while (talking) {
        await publish(guest, said++)
        await new Promise((turn) => setImmediate(turn))
      }
    })()
    const second = await Guest.open(lab.url)
    let here = guest
    for (let i = 0; i < 10; i++) {
      await here.request("whoami")
      heard.push(...here.messages)
      const { offset } = here
      await here.lose(second)
      here = await open({ pid: guest.pid, offset })
      expect(here.sid).toBe(guest.sid)
    }
    talking = false
    await talk
    await here.request("whoami")
    heard.push(...here.messages)
    expect(heard).toEqual(["first", ...upTo(said)])
  })

  beyondOfficial("gets everything when it left before its first event", async () => {
    const guest = await open()
    const room = `room-${rooms++}`
    await guest.request("join", room)
    await guest.lose(observer)
    await observer.request("publish", room, "missed")
    await expectRecovered(await open({ pid: guest.pid }), guest, ["missed"])
  })

  beyondOfficial("is not cut off by a volatile event whose last argument is a text", async () => {
    const guest = await member()
    await observer.request("publish-volatile", guest.room, "not an offset")
    await guest.request("whoami")
    await guest.lose(observer)
    await publish(guest, "missed")
    await expectRecovered(await back(guest), guest, ["missed"])
  })
})

describe("a session that cannot be found", () => {
  test("is a new one for an unknown private id", async () => {
    const guest = await lost()
    await expectFresh(await open({ pid: "unknown", offset: guest.offset }), guest)
  })

  test("is a new one for an offset that never was", async () => {
    const guest = await lost()
    await expectFresh(await open({ pid: guest.pid, offset: "never" }), guest)
  })

  test("is a new one for the public id", async () => {
    const guest = await lost()
    await expectFresh(await open({ pid: guest.sid, offset: guest.offset }), guest)
  })

  test("is a new one for an offset without a private id", async () => {
    const guest = await lost()
    await expectFresh(await open({ offset: guest.offset }), guest)
  })

  const wrong = [0, 1.5, -1, true, false, null, [], ["x"], {}, { toString: "x" }, { $gt: "" }, "", "\u0000", "__proto__", "x".repeat(100_000)]
  test.each(wrong.map((value) => [JSON.stringify(value).slice(0, 20), value]))("is a new one for %s as private id", async (_, pid) => {
    const guest = await lost()
    await expectFresh(await open({ pid, offset: guest.offset }), guest)
  })

  const wrongOffsets = wrong.filter((value) => value !== null) // null is what a stock client without an offset might send
  test.each(wrongOffsets.map((value) => [JSON.stringify(value).slice(0, 20), value]))("is a new one for %s as offset", async (_, offset) => {
    const guest = await lost()
    await expectFresh(await open({ pid: guest.pid, offset }), guest)
  })

  test("is a new one in another namespace", async () => {
    const guest = await lost()
    const elsewhere = await back(guest, { namespace: "/other" })
    expect(elsewhere.sid).not.toBe(guest.sid)
    expect(elsewhere.pid).not.toBe(guest.pid)
    expect(await elsewhere.request("whoami")).toMatchObject({ recovered: false, rooms: [] })
    await expectRecovered(await back(guest), guest, [])
  })

  test("is a new one when it left on purpose", async () => {
    const guest = await member()
    guest.leave()
    await gone(observer, guest.sid)
    await expectFresh(await back(guest), guest)
  })

  test("is a new one when it left on purpose and its network went with it", async () => {
    const guest = await member()
    guest.leave()
    await guest.lose(observer)
    await expectFresh(await back(guest), guest)
  })

  test("is a new one when the server sent it away", async () => {
    const guest = await member()
    await observer.request("expel", guest.sid)
    await gone(observer, guest.sid)
    await expectFresh(await back(guest), guest)
  })

  test("is a new one after the window, and the old one after less", async () => {
    const brief = await start("lab", ["--window", "1000"])
    try {
      const witness = await Guest.open(brief.url)
      const [early, late] = [await Guest.open(brief.url), await Guest.open(brief.url)]
      for (const guest of [early, late]) {
        await guest.request("say", "first")
        await guest.lose(witness)
      }
      const again = (guest) => Guest.open(brief.url, { auth: { pid: guest.pid, offset: guest.offset } })
      expect((await again(early)).sid).toBe(early.sid)
      await new Promise((done) => setTimeout(done, 1200)) // the window itself
      const returned = await again(late)
      expect(returned.sid).not.toBe(late.sid)
      expect(await returned.request("whoami")).toMatchObject({ recovered: false })
    } finally {
      await brief.stop()
    }
  })
})

describe("a session has one owner", () => {
  /** Who of `guests` still speaks as `sid`; that one hears what is sent to it, and no other does. */
  async function owners(sid, guests) {
    expect((await observer.request("present")).filter((id) => id === sid)).toHaveLength(1)
    await observer.request("publish", sid, "to the owner")
    const speaking = []
    for (const guest of guests) {
      const self = await guest.request("whoami").catch(() => undefined)
      if (self?.id === sid) speaking.push(guest)
      expect(guest.messages.includes("to the owner")).toBe(self?.id === sid)
    }
    return speaking
  }

  beyondOfficial("when its private id is used twice one after the other", async () => {
    const guest = await lost()
    const returned = await back(guest)
    const second = await back(guest)
    expect(await owners(guest.sid, [returned, second])).toHaveLength(1)
  })

  beyondOfficial("when its private id is used many times at once", async () => {
    const guest = await lost()
    const returned = await Promise.all(upTo(8).map(() => back(guest)))
    expect(await owners(guest.sid, returned)).toHaveLength(1)
  })

  beyondOfficial("when it comes back before the server has seen that it was gone", async () => {
    const guest = await member()
    const returned = await back(guest)
    await expectRecovered(returned, guest, [])
    expect(await owners(guest.sid, [guest, returned])).toEqual([returned])
    await publish(guest, "live")
    await returned.request("whoami")
    expect(returned.messages).toContain("live")
  })
})

describe("two namespaces on one connection", () => {
  test("are two sessions with two private ids, and both come back", async () => {
    const observers = { "/": observer, "/other": await Guest.open(lab.url, { namespace: "/other" }) }
    const wire = await Wire.open(lab.url, "/socket.io/")
    const guests = {}
    for (const namespace of ["/", "/other"]) {
      guests[namespace] = await Guest.open(lab.url, { wire, namespace })
      await guests[namespace].request("join", "both")
      await guests[namespace].request("say", "first")
    }
    expect(guests["/"].pid).not.toBe(guests["/other"].pid)
    wire.close()
    for (const [namespace, witness] of Object.entries(observers)) {
      await gone(witness, guests[namespace].sid)
      await witness.request("publish", "both", `missed in ${namespace}`)
    }
    const again = await Wire.open(lab.url, "/socket.io/")
    for (const [namespace, guest] of Object.entries(guests)) {
      const returned = await back(guest, { wire: again, namespace })
      await expectRecovered(returned, guest, [`missed in ${namespace}`])
    }
    again.close()
  })

  test("come back one without the other when one was left on purpose", async () => {
    const wire = await Wire.open(lab.url, "/socket.io/")
    const main = await Guest.open(lab.url, { wire })
    await main.request("say", "first")
    const other = await Guest.open(lab.url, { wire, namespace: "/other" })
    await other.request("say", "first")
    other.leave()
    await main.lose(observer)
    await expectRecovered(await back(main), main, [])
    expect((await back(other, { namespace: "/other" })).sid).not.toBe(other.sid)
  })
})

describe("middlewares", () => {
  const checks = async (guest) => (await guest.request("whoami")).data.checks

  test("do not run again for a session that comes back", async () => {
    const guest = await member()
    expect(await checks(guest)).toBe(1)
    await guest.lose(observer)
    expect(await checks(await back(guest))).toBe(1)
  })

  test("run for a session that could not be found", async () => {
    expect(await checks(await open({ pid: "unknown", offset: "unknown" }))).toBe(1)
  })

  describe("that are to run each time", () => {
    let strict
    let witness
    beforeAll(async () => {
      strict = await start("lab", ["--middlewares", "run"])
      witness = await Guest.open(strict.url)
    })
    afterAll(() => strict.stop())

    async function away() {
      const guest = await Guest.open(strict.url)
      await guest.request("say", "first")
      await guest.lose(witness)
      await witness.request("publish", guest.sid, "missed")
      return guest
    }
    const again = (guest, more) => Guest.open(strict.url, { auth: { pid: guest.pid, offset: guest.offset, ...more } })

    test("run again, and the session still comes back", async () => {
      const guest = await away()
      const returned = await again(guest)
      expect(returned.sid).toBe(guest.sid)
      expect(await checks(returned)).toBe(2)
      expect(returned.messages).toEqual(["missed"])
    })

    test("may refuse, and leave the session for another try", async () => {
      const guest = await away()
      const refused = await again(guest, { refuse: true })
      expect(refused.refused).toEqual({ message: "refused", data: { code: 7 } })
      refused.wire.close()
      const returned = await again(guest)
      expect(returned.sid).toBe(guest.sid)
      await returned.request("whoami")
      expect(returned.messages).toEqual(["missed"])
    })

    beyondOfficial("show nothing of the session to whom they refuse", async () => {
      const refused = await again(await away(), { refuse: true })
      expect(refused.refused).toEqual({ message: "refused", data: { code: 7 } })
      expect(refused.events).toEqual([])
    })
  })
})
