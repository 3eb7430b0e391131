// The console in headless Chromium, against the real server. Each view leaves a screenshot in SCREENSHOTS.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { chromium } from "playwright-core"
import { io } from "socket.io-client"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { startServer } from "./server.mjs"

const browserPath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .filter(Boolean)
  .find(existsSync)
const screenshots = resolve(process.env.SCREENSHOTS ?? "screenshots")
const base = () => process.env.SERVER_URL.replace(/\/$/, "")
const root = `console-${process.pid}`
const WAIT = 15_000

let browser
let context
let page
let complaints // what the page logged as an error: there is never a reason for one, a blocked script included

beforeAll(async () => {
  if (!browserPath) return
  mkdirSync(screenshots, { recursive: true })
  browser = await chromium.launch({
    executablePath: browserPath,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  })
})
afterAll(() => browser?.close())

beforeEach(() => open({}))
afterEach(() => context?.close())

async function open(options) {
  await context?.close()
  context = undefined
  if (!browser) return
  context = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: "light", ...options })
  page = await context.newPage()
  page.setDefaultTimeout(WAIT)
  complaints = []
  page.on("pageerror", (error) => complaints.push(error.message))
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()))
}

const keep = (name) => page.screenshot({ path: join(screenshots, `console-${name}.png`) })
const address = (path) => `${base()}/v1/stream/${path}`
const show = (path) => page.goto(`${base()}/#/stream/${path}`)
const offsets = () => page.locator(".message").evaluateAll((rows) => rows.map((row) => Number(row.dataset.offset)))
const state = (words) => page.locator("#state", { hasText: words }).waitFor()
const upTo = (n, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i)

async function call(method, path, headers = {}, body) {
  const response = await fetch(address(path), { method, headers, body })
  expect(response.status, `${method} ${path}: ${await response.clone().text()}`).toBeLessThan(300)
  return response
}

async function seed(path, count, contentType = "application/json") {
  await call("PUT", path, { "Content-Type": contentType })
  await say(path, 1, count, contentType)
}

async function say(path, from, to, contentType = "application/json") {
  for (const n of upTo(to, from)) {
    const body = contentType === "application/json" ? JSON.stringify({ from: "ada", text: `message ${n}`, n }) : `line ${n}\n`
    await call("POST", path, { "Content-Type": contentType }, body)
  }
}

describe.skipIf(!browserPath)(browserPath ? "console" : "console (not run: no Chromium here; CHROMIUM=/path/to/it names one)", () => {
  test("lists the streams, and finds them by the start of their path", async () => {
    await seed(`${root}/list/lobby`, 12)
    await seed(`${root}/list/notes`, 3, "text/plain")
    await page.goto(`${base()}/#/streams`)
    await page.fill("#search", `${root}/list/`)
    const row = page.locator(`tr[data-path="${root}/list/lobby"]`)
    await row.waitFor()
    await expect.poll(() => page.locator("table.streams tbody tr").count()).toBe(2)
    expect(await row.locator('[data-label="messages"]').innerText()).toBe("12")
    expect(await row.innerText()).toContain("application/json")
    await page.locator(".health .state.up").waitFor()
    await keep("list")
    await page.click(".health")
    await page.locator(".latency tbody tr").first().waitFor()
    expect(await page.locator(".latency").innerText()).toContain("Commit")
    await keep("node")
    await page.fill("#search", `${root}/nobody`)
    await page.getByText("No stream starts with").waitFor()
    expect(complaints).toEqual([])
  })

  test("turns the pages of a long list without losing or repeating a stream", async () => {
    const paths = Array.from({ length: 60 }, (_, i) => `${root}/page/${String(i).padStart(3, "0")}`)
    for (const path of paths) await call("PUT", path, { "Content-Type": "text/plain" })
    await page.goto(`${base()}/#/streams`)
    await page.fill("#search", `${root}/page/`)
    const listed = () => page.locator("table.streams tbody tr").evaluateAll((rows) => rows.map((row) => row.dataset.path))
    await expect.poll(listed).toEqual(paths.slice(0, 50))
    await page.getByRole("button", { name: "Next" }).click()
    await expect.poll(listed).toEqual(paths.slice(50))
    await page.getByRole("button", { name: "Previous" }).click()
    await expect.poll(listed).toEqual(paths.slice(0, 50))
  })

  test("shows a stream live, as text and never as markup", async () => {
    const path = `${root}/live`
    await seed(path, 5)
    await show(path)
    await state("Live")
    await expect.poll(offsets).toEqual(upTo(5))
    await say(path, 6, 8)
    await expect.poll(offsets).toEqual(upTo(8))
    expect(await page.locator('.message[data-offset="8"] pre').innerText()).toBe('{"from": "ada", "text": "message 8", "n": 8}')
    const hostile = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
    await call("POST", path, { "Content-Type": "application/json" }, JSON.stringify({ text: hostile, big: 1 }).replace(":1}", ":12345678901234567890}"))
    await expect.poll(offsets).toEqual(upTo(9))
    const said = await page.locator('.message[data-offset="9"]').innerText()
    expect(said).toContain("<script>window.hacked=1</script>")
    expect(said).toContain("12345678901234567890")
    expect(await page.evaluate(() => window.hacked)).toBeUndefined()
    await keep("live")
    expect(complaints).toEqual([])
  })

  test("holds new messages back while paused, and catches up", async () => {
    const path = `${root}/pause`
    await seed(path, 3)
    await show(path)
    await state("Live")
    await page.click("#pause")
    await state("Paused")
    await say(path, 4, 6)
    await page.getByRole("button", { name: "3 new messages" }).click()
    await expect.poll(offsets).toEqual(upTo(6))
    await state("Live")
  })

  test("keeps the page small however long the stream", async () => {
    const path = `${root}/long`
    await call("PUT", path, { "Content-Type": "application/json" })
    await call("POST", path, { "Content-Type": "application/json" }, JSON.stringify(upTo(1000).map((n) => ({ n }))))
    await show(path)
    await state("Live")
    await expect.poll(offsets).toEqual(upTo(1000, 801))
    await call("POST", path, { "Content-Type": "application/json" }, JSON.stringify(upTo(1300, 1001).map((n) => ({ n }))))
    await expect.poll(offsets).toEqual(upTo(1300, 1101))
    await page.getByRole("button", { name: "earlier messages" }).click()
    await expect.poll(offsets).toEqual(upTo(1100, 901))
  })

  test("shows text line by line and bytes as hex", async () => {
    await seed(`${root}/text`, 3, "text/plain")
    await show(`${root}/text`)
    await state("Live")
    await expect.poll(() => page.locator(".message pre").allInnerTexts()).toEqual(["line 1", "line 2", "line 3"])
    await say(`${root}/text`, 4, 4, "text/plain")
    await expect.poll(() => page.locator(".message pre").last().innerText()).toBe("line 4")
    const path = `${root}/bytes`
    await call("PUT", path, { "Content-Type": "application/octet-stream" })
    await call("POST", path, { "Content-Type": "application/octet-stream" }, Uint8Array.of(0, 1, 0xfe, 0xff))
    await show(path)
    await state("Live")
    await page.locator(".hex", { hasText: "00 01 fe ff" }).waitFor()
    await page.fill("#draft", "ca fe 50 61")
    await page.click("#append")
    await page.locator(".hex", { hasText: "ca fe 50 61" }).waitFor()
    await keep("bytes")
  })

  test("walks back through the past with the slider and by the clock, and returns to live", async () => {
    const path = `${root}/past`
    await seed(path, 20)
    // The input has whole seconds: the second half of the story begins in a later one.
    const later = Math.floor(Date.now() / 1000) + 1
    await expect.poll(() => Date.now() / 1000, { timeout: 5000 }).toBeGreaterThan(later + 0.05)
    await say(path, 21, 40)
    await show(path)
    await state("Live")
    await expect.poll(offsets).toEqual(upTo(40))

    await page.locator("#slider").fill("7")
    await state("As it was at")
    await expect.poll(offsets).toEqual(upTo(7))
    await page.locator("#slider").press("ArrowRight")
    await expect.poll(offsets).toEqual(upTo(8))

    const local = new Date(later * 1000)
    local.setMinutes(local.getMinutes() - local.getTimezoneOffset())
    // A whole minute is written without its seconds.
    await page.fill("#at", local.toISOString().slice(0, 19).replace(/:00$/, ""))
    await expect.poll(offsets).toEqual(upTo(20))
    expect(await page.getByText("20 later messages not shown").count()).toBe(1)
    await say(path, 41, 41)
    expect(await offsets()).toEqual(upTo(20))
    await keep("time-slider")

    await page.click("#live")
    await state("Live")
    await expect.poll(offsets).toEqual(upTo(41))
    await page.locator("#slider").fill("0")
    await page.getByText("Nothing yet at this point").waitFor()
    expect(complaints).toEqual([])
  })

  test("forks a stream at the slider's position", async () => {
    const path = `${root}/source`
    const forked = `${root}/source-fork`
    await seed(path, 10)
    await show(path)
    await state("Live")
    await page.locator("#slider").fill("6")
    await expect.poll(offsets).toEqual(upTo(6))
    await page.click("#fork")
    await page.fill('dialog input[name="path"]', forked)
    await keep("fork-question")
    await page.click("#confirm")
    await page.getByRole("heading", { name: forked, exact: true }).waitFor()
    await state("Live")
    await expect.poll(offsets).toEqual(upTo(6))
    await page.locator(".badge.fork", { hasText: `${path} @ 6` }).waitFor()
    await page.fill("#draft", '{"text": "another way"}')
    await page.click("#append")
    await expect.poll(offsets).toEqual(upTo(7))
    await keep("fork")
    const there = await (await fetch(`${address(path)}?offset=-1`)).json()
    expect(there.length).toBe(10)
    expect(there[6].text).toBe("message 7")
  })

  test("creates, appends, closes and deletes", async () => {
    const path = `${root}/life`
    await page.goto(`${base()}/#/streams`)
    await page.click("#new-stream")
    await page.fill('dialog input[name="path"]', path)
    await keep("create")
    await page.click("#confirm")
    await page.getByText("No messages yet").waitFor()

    await page.fill("#draft", '{"not": json')
    await page.locator("#draft").press("Control+Enter")
    await page.locator("#draft-says.problem").waitFor()
    expect(await page.inputValue("#draft")).toBe('{"not": json')
    await page.fill("#draft", '[{"n": 1}, {"n": 2}]')
    await page.locator("#draft").press("Control+Enter")
    await expect.poll(offsets).toEqual([1, 2])
    expect(await page.inputValue("#draft")).toBe("")
    await keep("append")

    await page.click("#close")
    await page.click("#confirm")
    await state("Closed")
    expect((await fetch(address(path), { method: "HEAD" })).headers.get("stream-closed")).toBe("true")
    await keep("closed")

    await page.click("#delete")
    await keep("delete")
    await page.click("#confirm")
    await page.getByRole("heading", { name: "Streams", exact: true }).waitFor()
    expect((await fetch(address(path), { method: "HEAD" })).status).toBe(404)
    await show(path)
    await page.getByText("There is no stream at").waitFor()
    expect(complaints).toEqual([])
  })

  test("says so when the server cannot be reached, and when it is back", async () => {
    await page.goto(`${base()}/#/streams`)
    await page.locator(".health .state.up").waitFor()
    await page.route("**/api/**", (route) => route.abort())
    await page.locator(".banner", { hasText: "cannot be reached" }).waitFor()
    await keep("unreachable")
    await page.unroute("**/api/**")
    await page.locator(".banner").waitFor({ state: "detached" })
  })

  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of [["desktop", { width: 1280, height: 860 }], ["phone", { width: 390, height: 844 }]]) {
      test(`fits a ${size} in ${colorScheme}`, async () => {
        const path = `${root}/fits-${size}-${colorScheme}`
        await seed(path, 12)
        await open({ viewport, colorScheme })
        await page.goto(`${base()}/#/streams`)
        await page.locator("table.streams tbody tr").first().waitFor()
        const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        expect(await overflow()).toBe(0)
        await keep(`list-${size}-${colorScheme}`)
        await show(path)
        await expect.poll(offsets).toEqual(upTo(12))
        expect(await overflow()).toBe(0)
        await keep(`stream-${size}-${colorScheme}`)
        expect(complaints).toEqual([])
      })
    }
  }
})

describe.skipIf(!browserPath)("the console's sockets", () => {
  const clients = []
  let server
  let data

  // A server of its own, so that the lists hold what these tests put there.
  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), "parley-console-"))
    server = await startServer({ data, set: ["socketio-admin.enabled=true"] })
  })
  afterEach(() => clients.splice(0).forEach((client) => client.disconnect()))
  afterAll(async () => {
    await server?.stop()
    rmSync(data, { recursive: true, force: true })
  })

  async function connect(namespace = "/", transports = ["websocket"]) {
    const client = io(server.url + namespace, { forceNew: true, reconnection: false, transports })
    clients.push(client)
    await new Promise((done, refuse) => client.once("connect", done).once("connect_error", refuse))
    return client
  }
  const connectAll = (n) => Promise.all(Array.from({ length: n }, () => connect()))
  const ids = () => page.locator("table.sockets tbody tr").evaluateAll((rows) => rows.map((row) => row.dataset.id))
  const soon = (what) => expect.poll(what, { timeout: WAIT }) // the page asks every two seconds
  /** Shows the page; done once the server listens for it. */
  async function look() {
    const listening = page.waitForResponse((response) => response.url().includes("/api/sockets/events"))
    await page.goto(`${server.url}/#/sockets`)
    await listening
    await page.locator(".live-events").waitFor()
  }
  const sorted = (list) => [...list].sort()

  test("shows who is connected, page by page, and finds one", async () => {
    const guests = (await connectAll(60)).map((client) => client.id)
    await page.goto(`${server.url}/#/sockets`)
    await soon(() => page.locator("#socket-count").innerText()).toBe("60 sockets")
    const first = await ids()
    expect(first.length).toBe(50)
    await page.locator(".table-panel .pager").getByRole("button", { name: "Next page" }).click()
    await soon(async () => (await ids()).length).toBe(10)
    expect(sorted(first.concat(await ids()))).toEqual(sorted(guests))
    await page.fill("#search", guests[17])
    await soon(ids).toEqual([guests[17]])
    await page.locator("#namespaces a", { hasText: "/admin" }).click()
    await page.getByText("Nobody is connected to").waitFor()
    expect(complaints).toEqual([])
  })

  test("shows what was done to clients that are too slow or send too much", async () => {
    await page.goto(`${server.url}/#/sockets`)
    const rows = page.locator("#pressure dl div")
    await soon(() => rows.count()).toBe(8)
    expect(await rows.allInnerTexts()).toContainEqual(expect.stringMatching(/^Refused\s+0$/))
    expect(complaints).toEqual([])
  })

  test("shows rooms and their sizes, and who is in one", async () => {
    const [a, b, c] = await connectAll(3)
    const admin = await connect("/admin")
    for (const client of [a, b]) admin.emit("join", "/", "lobby", client.id)
    admin.emit("join", "/", "<b>quiet</b> corner", c.id)
    await page.goto(`${server.url}/#/sockets`)
    await soon(() => page.locator("#rooms li").allInnerTexts()).toEqual([
      expect.stringMatching(/^lobby\s*2$/),
      expect.stringMatching(/^<b>quiet<\/b> corner\s*1$/),
    ])
    await page.locator("#rooms a", { hasText: "lobby" }).click()
    await soon(async () => sorted(await ids())).toEqual(sorted([a.id, b.id]))
    expect(await page.locator(`tr[data-id="${a.id}"] .rooms`).innerText()).toBe("lobby")
    await page.fill("#rooms input", "quiet")
    await soon(() => page.locator("#rooms li").count()).toBe(1)
    expect(complaints).toEqual([])
  })

  test("shows what happens right now, as text, and stops when asked", async () => {
    await look()
    const guest = await connect()
    await page.locator('.live-events li[data-kind="connected"]', { hasText: guest.id }).waitFor()
    guest.emit("message", { text: "<img src=x onerror=window.hacked=1>" }, 7)
    const row = page.locator('.live-events li[data-kind="received"]', { hasText: guest.id })
    await row.waitFor()
    expect(await row.locator(".what").innerText()).toContain('message {"text":"<img src=x onerror=window.hacked=1>"}, 7')
    expect(await page.evaluate(() => window.hacked)).toBeUndefined()
    await page.click("#pause-events")
    const { id } = guest
    guest.disconnect()
    await soon(() => page.locator("#socket-count").innerText()).toBe("0 sockets")
    const left = page.locator('.live-events li[data-kind="disconnected"]', { hasText: id })
    expect(await left.count()).toBe(0)
    await page.click("#pause-events")
    await left.getByText("client namespace disconnect").waitFor()
    expect(complaints).toEqual([])
  })

  test("disconnects a socket, after a question", async () => {
    const guest = await connect()
    await page.goto(`${server.url}/#/sockets`)
    const reason = new Promise((done) => guest.once("disconnect", done))
    await page.locator(`tr[data-id="${guest.id}"]`).getByRole("button", { name: "Disconnect" }).click()
    await keep("disconnect")
    await page.click("#confirm")
    expect(await reason).toBe("io server disconnect")
    await page.getByText("Nobody is connected to").waitFor()
    expect(complaints).toEqual([])
  })

  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of [["desktop", { width: 1280, height: 1000 }], ["phone", { width: 390, height: 844 }]]) {
      test(`fits a ${size} in ${colorScheme}`, async () => {
        await open({ viewport, colorScheme })
        await look()
        const guests = await connectAll(14)
        guests.push(await connect("/", ["polling"]))
        const admin = await connect("/admin")
        guests.forEach((guest, i) => {
          for (const room of ["lobby", `table-${i % 3}`, ...(i % 5 === 0 ? ["a-room-with-a-rather-long-name", "vip", "night", "day"] : [])]) {
            admin.emit("join", "/", room, guest.id)
          }
        })
        for (const guest of guests.slice(0, 4)) guest.emit("message", { from: "ada", text: "hello" })
        admin.emit("emit", "/", "lobby", "news", { headline: "An event for everyone in the lobby, with a text that is too long for its line on any screen" })
        await page.locator('.live-events li[data-kind="sent"]', { hasText: "headline" }).first().waitFor()
        await soon(async () => (await ids()).length).toBe(15)
        await page.locator("#rooms li", { hasText: "table-2" }).waitFor()
        const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        expect(await overflow()).toBe(0)
        await keep(`sockets-${size}-${colorScheme}`)
        expect(complaints).toEqual([])
      })
    }
  }
})
