// Conversations over Socket.IO with the stock client: replies that go on whatever happens to connections and server.
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { startServer } from "../server.mjs"
import { freePort } from "../socketio/target.mjs"
import { proxy } from "../socketio/proxy.mjs"
import { Person } from "./person.mjs"

const counted = (n) => Array.from({ length: n }, (_, i) => i + 1).join(" ")
const data = mkdtempSync(join(tmpdir(), "parley-talk-"))
let port
let server
let names = 0

const start = async () =>
  (server = await startServer({
    data,
    port,
    set: [
      "personas[0].id=guide", "personas[0].name=Guide", "personas[0].model=demo", "personas[0].provider=scripted",
      'personas[0].tools=[{"name":"buy","description":"Buys.","parameters":{},"approval":true}]',
      "personas[1].id=poet", "personas[1].name=Poet", "personas[1].model=demo", "personas[1].provider=scripted",
    ],
  }))

beforeAll(async () => {
  port = await freePort()
  await start()
})
afterAll(async () => {
  await server?.stop()
  rmSync(data, { recursive: true, force: true })
})

/** A conversation of Ada's and Ben's, with both in it. */
async function shared(benUrl = server.url) {
  const id = `plans-${++names}`
  const ada = new Person(server.url, "ada", id)
  await ada.opened.catch(() => {})
  await ada.must("conversation:create", { id, title: "Plans" })
  await ada.must("member:set", id, "ben", { role: "writer" })
  const snapshot = await ada.must("conversation:open", id, {})
  ada.after = snapshot.offset
  const ben = new Person(benUrl, "ben", id, ["polling", "websocket"]) // moves to another loop while it follows
  await ben.opened
  return { id, ada, ben, from: snapshot.offset }
}

/** Each event of the branch came once, in order. */
function complete(person, from) {
  expect(person.offsets).toEqual(person.offsets.map((_, i) => from + 1 + i))
}

test("the types fit the stock client", () => {
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022", "talk/types.ts"]
  execFileSync("node_modules/.bin/tsc", options, { cwd: join(import.meta.dirname, ".."), encoding: "utf8" })
})

test("two people hear one reply, and see each other", async () => {
  const { id, ada, ben, from } = await shared()
  await expect.poll(() => ada.people).toEqual(["ada", "ben"])
  await ben.must("conversation:typing", id, {})
  await expect.poll(() => ada.typing).toEqual([{ conversation: id, person: "ben", typing: true }])
  const { run } = await ben.must("turn:say", id, { text: "count: 6" })
  for (const person of [ada, ben]) {
    await person.sees(run, "finished")
    expect(person.text[run]).toBe(counted(6))
    expect(person.ai).toBe(true)
    const { ai, author } = await person.learns("run-finished").then(() => person.events.findLast((e) => e.type === "turn-added"))
    expect({ ai, persona: author.persona.id }).toEqual({ ai: true, persona: "guide" })
    complete(person, from)
  }
})

test("a connection that is cut in mid-reply loses and doubles nothing", async () => {
  const network = await proxy(port)
  const { id, ada, ben, from } = await shared(network.url)
  const { run } = await ada.must("turn:say", id, { text: "count: 18" })
  for (const seen of [3, 8, 13]) {
    await ben.heard(run, new RegExp(`\\b${seen}\\b`))
    network.cut()
    await ada.must("conversation:change", id, { title: `after ${seen}` })
  }
  await ben.sees(run, "finished")
  expect(ben.text[run]).toBe(counted(18))
  await ben.learns("run-finished")
  complete(ben, from)
  expect(ben.events.filter((event) => event.type === "renamed")).toHaveLength(3)
})

test("a server that is killed in mid-reply goes on with it", async () => {
  const { id, ada, ben, from } = await shared()
  const { run } = await ada.must("turn:say", id, { text: "count: 24" })
  await ben.heard(run, /\b5\b/)
  await server.stop("SIGKILL")
  await start()
  for (const person of [ada, ben]) {
    await person.sees(run, "finished")
    expect(person.text[run]).toBe(counted(24))
    await person.learns("run-finished")
    complete(person, from)
  }
})

test("who comes late has the text so far, and then what comes", async () => {
  const { id, ada } = await shared()
  const { run } = await ada.must("turn:say", id, { text: "count: 12" })
  await ada.heard(run, /\b4\b/)
  const late = new Person(server.url, "ben", id)
  const snapshot = await late.opened
  expect(snapshot.runs.map((each) => each.run)).toEqual([run])
  await late.sees(run, "finished")
  expect(late.text[run]).toBe(counted(12))
})

test("replies are stopped, steered and switched to another persona", async () => {
  const { id, ada, ben } = await shared()
  const first = await ada.must("turn:say", id, { text: "count: 1000" })
  await ben.heard(first.run, /\b3\b/)
  await ben.must("run:steer", first.run, { text: "echo: as you wish" })
  await ada.heard(first.run, /as you wish$/)
  await ada.sees(first.run, "finished")
  await ben.must("conversation:change", id, { persona: "poet" })
  expect((await ada.learns("persona-switched")).persona.id).toBe("poet")
  const second = await ada.must("turn:say", id, { text: "count: 1000" })
  const queued = await ada.must("turn:say", id, { text: "echo: next" })
  await ben.sees(queued.run, "queued")
  await ben.heard(second.run, /\b3\b/)
  await ben.must("run:stop", second.run, {})
  await ada.sees(second.run, "stopped")
  await ada.sees(queued.run, "finished")
  expect(ada.text[queued.run]).toBe("next")
})

test("a tool waits for approval and its result, which a person hands in", async () => {
  const { id, ada, ben } = await shared()
  const { run } = await ada.must("turn:say", id, { text: 'tool: buy {"what":"tea"}' })
  await ben.sees(run, "waiting-for-tool")
  const [{ id: call, approval }] = ben.calls[run]
  expect(approval).toBe(true)
  await ben.must("run:approve", run, { call })
  await ben.must("run:result", run, { call, result: { bought: 1 } })
  await ada.sees(run, "finished")
  expect(ada.text[run]).toContain('"bought":1')
})

test("turns are edited in a branch, and answered anew", async () => {
  const { id, ada } = await shared()
  const { turn, run } = await ada.must("turn:say", id, { text: "echo: one", turn: "t1" })
  await ada.sees(run, "finished")
  const edited = await ada.must("turn:edit", id, turn, { text: "echo: two" })
  await ada.must("conversation:open", id, { branch: edited.branch })
  await ada.sees(edited.run, "finished")
  expect(ada.text[edited.run]).toBe("two")
  await expect.poll(async () => (await ada.must("conversation:get", id, { branch: edited.branch })).turns.length).toBe(2)
})

test("a stranger finds nothing, and whoever is removed hears so", async () => {
  const { id, ada, ben } = await shared()
  const { run } = await ada.must("turn:say", id, { text: "count: 100" })
  const eve = new Person(server.url, "eve", id)
  await expect(eve.opened).rejects.toThrow("none for you")
  expect((await eve.ask("turn:say", id, { text: "hi" })).error.code).toBe("no_conversation")
  expect((await eve.ask("run:open", run, {})).error.code).toBe("no_run")
  await ben.heard(run, /\b2\b/)
  await ada.must("member:remove", id, "ben")
  await expect.poll(() => ben.ended).toEqual([{ conversation: id, branch: "main", reason: "not_member" }])
  await ada.must("run:stop", run, {})
  await ada.sees(run, "stopped")
  expect(ben.state[run]).not.toBe("stopped")
})

test("what cannot be meant is answered in words", async () => {
  const { id, ada } = await shared()
  for (const [event, ...args] of [
    ["conversation:fly", id], ["conversation:open"], ["conversation:open", 7], ["conversation:open", id, []],
    ["conversation:open", id, { after: "x" }], ["conversation:open", id, { runs: 3 }], ["turn:say", id, { txt: "x" }],
    ["turn:say", id, { text: "x", parts: [] }], ["turn:say", id, { text: new Uint8Array([1]) }], ["run:approve", "r", {}, 1],
  ]) {
    const { error } = await ada.ask(event, ...args)
    expect(error, event).toMatchObject({ code: "bad_field", retry: false, message: expect.stringContaining("expected") })
  }
  expect((await ada.ask("conversation:open", id, { after: 10 ** 6 })).error.code).toBe("offset")
  expect((await ada.must("conversation:list", {})).conversations.map((line) => line.id)).toContain(id)
})
