// The stock browser bundles in headless Chromium, on a page from elsewhere, as a web application loads them.
import { existsSync, readFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { chromium } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { Guest } from "./guest.mjs"
import { proxy } from "./proxy.mjs"
import { stock, upTo } from "./stock.mjs"
import { start } from "./target.mjs"

const browserPath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .filter(Boolean)
  .find(existsSync)
const bundle = (name, file) => readFileSync(join(import.meta.dirname, "../node_modules", name, "dist", file))

let lab
let site
let browser
let page
let complaints

beforeAll(async () => {
  if (!browserPath) return
  const files = {
    "/2.js": bundle("socket.io-client-2", "socket.io.js"),
    "/4.js": bundle("socket.io-client", "socket.io.min.js"),
  }
  site = createServer((request, response) => {
    const html = `<!doctype html><link rel="icon" href="data:,"><script src="${request.url}.js"></script>`
    response.setHeader("content-type", files[request.url] ? "text/javascript" : "text/html; charset=utf-8")
    response.end(files[request.url] ?? html)
  })
  await new Promise((done) => site.listen(0, "127.0.0.1", done))
  lab = await start("lab")
  browser = await chromium.launch({
    executablePath: browserPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  })
})
afterAll(async () => {
  await browser?.close()
  site?.close()
  await lab?.stop()
})

beforeEach(async () => {
  if (!browser) return
  page = await browser.newPage()
  complaints = []
  page.on("pageerror", (error) => complaints.push(error.message))
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()))
})
afterEach(() => page?.close())

/** Opens the page of a version and gives it its words. */
async function visit(version) {
  await page.goto(`http://localhost:${site.address().port}/${version}`)
  await page.evaluate(() => {
    const transports = { polling: ["polling"], websocket: ["websocket"], upgrade: ["polling", "websocket"] }
    window.open = (url, transport) => {
      // Version 2 sends credentials unless told not to, which an origin of "*" does not allow.
      const socket = window.io(url, { transports: transports[transport], withCredentials: false, forceNew: true, reconnectionDelay: 50 })
      return new Promise((done) => socket.once("connect", () => done(socket)))
    }
    window.ask = (socket, ...args) => new Promise((done) => socket.emit(...args, (...answer) => done(answer)))
    window.next = (socket, event) => new Promise((done) => socket.once(event, (...args) => done(args)))
  })
}

const where = browserPath ? "in a browser" : "not run (no Chromium here; CHROMIUM=/path/to/it names one)"

describe.skipIf(!browserPath).each(stock)(`${where}, socket.io-client $version over $transport`, ({ version, transport }) => {
  test("says and hears texts and bytes, and is acknowledged and acknowledges", async () => {
    await visit(version)
    const result = await page.evaluate(async ([url, transport]) => {
      const { open, ask, next } = window
      const socket = await open(url, transport)
      const text = next(socket, "message")
      socket.emit("say", "Grüße, 世界 🦜", { a: [1, null] })
      const [words, nested] = await text
      const bytes = next(socket, "message")
      const large = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251)
      socket.emit("say", { deep: [large.buffer, "between", new Uint8Array([1, 2]).buffer] })
      const [{ deep }] = await bytes
      socket.on("question", (payload, answer) => answer({ heard: payload, bytes: new Uint8Array([7]).buffer }))
      const [answer] = await ask(socket, "ask", "what?")
      const repetitive = "all work and no play ".repeat(5000)
      const long = next(socket, "message")
      socket.emit("say", repetitive)
      const [[me]] = [await ask(socket, "whoami")]
      return {
        words, nested,
        large: new Uint8Array(deep[0]).every((byte, i) => byte === i % 251) && deep[0].byteLength === 100_000,
        small: [...new Uint8Array(deep[2])],
        heard: answer.heard, bytes: [...new Uint8Array(answer.bytes)],
        long: (await long)[0] === repetitive,
        same: me.id === socket.id,
      }
    }, [lab.url, transport])
    expect(result).toEqual({
      words: "Grüße, 世界 🦜", nested: { a: [1, null] }, large: true, small: [1, 2], heard: "what?", bytes: [7], long: true, same: true,
    })
    expect(complaints).toEqual([])
  })

  test("has each message once and in order, from the first to past an upgrade", async () => {
    await visit(version)
    const { heard, name } = await page.evaluate(async ([url, transport]) => {
      const { open, ask } = window
      const socket = await open(url, transport)
      const heard = []
      socket.on("message", (n) => heard.push(n))
      let n = 0
      const engine = () => socket.io.engine
      const isDone = () => transport !== "upgrade" || (engine().transport.name === "websocket" && !engine().upgrading)
      for (let left = 50; left > 0; left -= isDone() ? 1 : 0) {
        socket.emit("say", n++)
        await new Promise((turn) => setTimeout(turn, 0))
      }
      await ask(socket, "whoami")
      return { heard, name: engine().transport.name }
    }, [lab.url, transport])
    expect(heard).toEqual(upTo(heard.length))
    expect(heard.length).toBeGreaterThanOrEqual(50)
    expect(name).toBe(transport === "polling" ? "polling" : "websocket")
    expect(complaints).toEqual([])
  })

  test("is back after a cut, with what it missed where its version can", async () => {
    const network = await proxy(lab.port)
    const observer = await Guest.open(lab.url)
    const room = `browser-${version}-${transport}`
    await visit(version)
    await page.evaluate(async ([url, transport, room]) => {
      const { open, ask, next } = window
      const socket = (window.socket = await open(url, transport))
      window.heard = []
      window.id = socket.id
      window.lost = next(socket, "disconnect").then(() => (window.isLost = true))
      socket.on("message", (n) => window.heard.push(n))
      await ask(socket, "join", room)
      await ask(socket, "publish", room, 0)
    }, [network.url, transport, room])
    while (!(await page.evaluate(() => window.isLost))) network.cut()
    for (const i of upTo(20, 1)) await observer.request("publish", room, i)
    const back = await page.evaluate(async (room) => {
      const { ask, heard, id, next, socket } = window
      if (!socket.connected) await next(socket, "connect")
      if (!socket.recovered) await ask(socket, "join", room)
      await ask(socket, "publish", room, 20)
      return { recovered: socket.recovered === true, same: socket.id === id, heard }
    }, room)
    if (version === 4) expect(back).toEqual({ recovered: true, same: true, heard: upTo(21) })
    else expect(back).toEqual({ recovered: false, same: false, heard: [0, 20] })
    observer.wire.close()
  })
})
