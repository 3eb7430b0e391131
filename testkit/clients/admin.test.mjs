// npm @socket.io/admin-ui against the real server: its protocol spoken by the stock client, and the built page in Chromium.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, extname, join, normalize, resolve } from "node:path"
import { createHmac } from "node:crypto"
import { chromium } from "playwright-core"
import { io } from "socket.io-client"
import { afterEach, describe, expect, test } from "vitest"
import { startServer } from "./server.mjs"

const screenshots = resolve(process.env.SCREENSHOTS ?? "screenshots")
const browserPath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .filter(Boolean)
  .find(existsSync)
const password = "correct horse"
const hash = "$2a$06$737utF2zjqvxAG24y/nQou7hSauhFuxiBGsLK8NjPYTIyC/OgwHx6" // of it, as htpasswd -nB makes one
const secret = "a secret of at least thirty-two bytes"
const withPassword = ["socketio-admin.username=ada", `socketio-admin.bcrypt-password=${hash}`]

const cleanups = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

async function serve(...set) {
  const data = mkdtempSync(join(tmpdir(), "parley-admin-"))
  const server = await startServer({ data, set: ["socketio-admin.enabled=true", ...set] })
  cleanups.push(async () => {
    await server.stop()
    rmSync(data, { recursive: true, force: true })
  })
  return server.url
}

/** A socket that has what it heard, by event: `heard.config` is a list of argument lists. */
function client(url, auth, options = {}) {
  const socket = io(url, { auth, forceNew: true, reconnection: false, transports: ["websocket"], ...options })
  const heard = new Proxy({}, { get: (all, event) => (all[event] ??= []) })
  socket.onAny((event, ...args) => heard[event].push(args))
  cleanups.push(() => socket.disconnect())
  return { socket, heard }
}

const connected = ({ socket }) =>
  new Promise((done, refuse) => {
    socket.once("connect", done)
    socket.once("connect_error", refuse)
  })
const soon = (what) => expect.poll(what, { timeout: 10_000 })
const token = (rights) => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url")
  const body = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: "ada", exp: Math.floor(Date.now() / 1000) + 600, parley: rights })}`
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`
}

test("the page is told of every socket, room and event, and may act on them", async () => {
  const url = await serve()
  const guest = client(url, {})
  await connected(guest)
  const admin = client(`${url}/admin`, {})
  await connected(admin)

  await soon(() => admin.heard.config).toEqual([
    [{ supportedFeatures: ["EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT", "AGGREGATED_EVENTS", "ALL_EVENTS"] }],
  ])
  await soon(() => admin.heard.all_sockets.length).toBe(1)
  const found = admin.heard.all_sockets[0][0].find((socket) => socket.id === guest.socket.id)
  expect(found).toMatchObject({ nsp: "/", transport: "websocket", rooms: [guest.socket.id], data: {} })
  expect(found.handshake).toMatchObject({ address: "127.0.0.1", secure: false, url: "/socket.io/", xdomain: false })
  expect(found.handshake.query).toMatchObject({ EIO: "4", transport: "websocket" })
  await soon(() => admin.heard.server_stats.length).toBeGreaterThan(0)
  expect(admin.heard.server_stats.at(-1)[0]).toMatchObject({ clientsCount: 2, pollingClientsCount: 0 })
  expect(admin.heard.server_stats.at(-1)[0].namespaces).toContainEqual({ name: "/", socketsCount: 1 })

  const late = client(url, {}, { transports: ["polling"] })
  await connected(late)
  await soon(() => admin.heard.socket_connected.map(([socket]) => socket.id)).toEqual([late.socket.id])
  expect(admin.heard.socket_connected[0][0].transport).toBe("polling")

  guest.socket.emit("hello", { from: "ada" }, 7)
  guest.socket.emit("picture", Buffer.from([1, 2, 3]))
  await soon(() => admin.heard.event_received.map((args) => args.slice(0, 3))).toEqual([
    ["/", guest.socket.id, ["hello", { from: "ada" }, 7]],
    ["/", guest.socket.id, ["picture", expect.stringContaining("bytes)")]],
  ])

  admin.socket.emit("join", "/", "lobby", guest.socket.id)
  await soon(() => admin.heard.room_joined.map((args) => args.slice(0, 3))).toEqual([["/", "lobby", guest.socket.id]])
  admin.socket.emit("emit", "/", "lobby", "news", "for the lobby", { n: 1 })
  // With recovery on, a client gets the place of an event as one more argument.
  await soon(() => guest.heard.news.map((args) => args.slice(0, 2))).toEqual([["for the lobby", { n: 1 }]])
  expect(late.heard.news).toEqual([])
  await soon(() => admin.heard.event_sent.map((args) => args.slice(0, 3))).toEqual([["/", guest.socket.id, ["news", "for the lobby", { n: 1 }]]])
  admin.socket.emit("emit", "/", undefined, "news", "for all")
  await soon(() => late.heard.news.map(([text]) => text)).toEqual(["for all"])
  admin.socket.emit("leave", "/", "lobby")
  await soon(() => admin.heard.room_left.map((args) => args.slice(0, 3))).toEqual([["/", "lobby", guest.socket.id]])

  const gone = new Promise((done) => guest.socket.once("disconnect", done))
  const { id } = guest.socket
  admin.socket.emit("_disconnect", "/", true, id)
  expect(await gone).toBe("io server disconnect")
  await soon(() => admin.heard.socket_disconnected.map((args) => args.slice(0, 2))).toEqual([["/", id]])
  const counted = () => admin.heard.server_stats.flatMap(([stats]) => stats.aggregatedEvents.map((event) => event.type))
  await soon(counted).toContain("rawDisconnection")
  for (const type of ["rawConnection", "packetsIn", "bytesIn", "packetsOut", "bytesOut"]) expect(counted()).toContain(type)
})

test("a socket that changes its transport is shown so", async () => {
  const url = await serve()
  const admin = client(`${url}/admin`, {})
  await connected(admin)
  await soon(() => admin.heard.all_sockets.length).toBe(1)
  const guest = client(url, {}, { transports: ["polling", "websocket"] })
  await connected(guest)
  await soon(() => admin.heard.socket_connected.map(([socket]) => socket.id)).toContain(guest.socket.id)
  const told = () =>
    admin.heard.socket_updated.concat(admin.heard.socket_connected)
      .map(([socket]) => socket).filter((socket) => socket.id === guest.socket.id).map((socket) => socket.transport)
  await soon(told).toContain("websocket")
})

test("a password lets the page in, and then the session it was given; a wrong one does not", async () => {
  const url = await serve(...withPassword)
  for (const auth of [{}, { username: "ada", password: "wrong" }, { username: "bob", password }, { sessionId: "guessed" }]) {
    await expect(connected(client(`${url}/admin`, auth))).rejects.toThrow("invalid credentials")
  }
  const admin = client(`${url}/admin`, { username: "ada", password })
  await connected(admin)
  await soon(() => admin.heard.session.length).toBe(1)
  const [sessionId] = admin.heard.session[0]
  const again = client(`${url}/admin`, { sessionId })
  await connected(again)
  await soon(() => again.heard.config.length).toBe(1)
})

test("a token with the right admin lets the page in, as its password or as a token", async () => {
  const url = await serve(`access.secret=${secret}`)
  await expect(connected(client(`${url}/admin`, {}))).rejects.toThrow("invalid credentials")
  await expect(connected(client(`${url}/admin`, { token: token({ read: ["**"] }) }))).rejects.toThrow("invalid credentials")
  const rights = token({ admin: ["**"] })
  await connected(client(`${url}/admin`, { token: rights }))
  await connected(client(`${url}/admin`, { username: "", password: rights }))
})

test("read-only and in production mode it gets the numbers and nothing else", async () => {
  const url = await serve("socketio-admin.read-only=true", "socketio-admin.mode=production")
  const guest = client(url, {})
  const admin = client(`${url}/admin`, {})
  await Promise.all([connected(guest), connected(admin)])
  await soon(() => admin.heard.config).toEqual([[{ supportedFeatures: ["AGGREGATED_EVENTS"] }]])
  admin.socket.emit("_disconnect", "/", true)
  guest.socket.emit("hello")
  await soon(() => admin.heard.server_stats.length).toBeGreaterThan(1)
  expect(guest.socket.connected).toBe(true)
  expect(admin.heard.all_sockets).toEqual([])
  expect(admin.heard.event_received).toEqual([])
})

/** The page as npm ships it, from an address of its own. */
async function page() {
  const root = join(dirname(createRequire(import.meta.url).resolve("@socket.io/admin-ui/package.json")), "ui", "dist")
  const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png" }
  const server = createServer((request, response) => {
    const path = join(root, normalize(new URL(request.url, "http://page").pathname).replace(/\/$/, "/index.html"))
    if (!path.startsWith(root) || !existsSync(path)) return response.writeHead(404).end()
    response.writeHead(200, { "Content-Type": types[extname(path)] ?? "application/octet-stream" }).end(readFileSync(path))
  })
  await new Promise((done) => server.listen(0, "127.0.0.1", done))
  cleanups.push(() => new Promise((done) => server.close(done)))
  return `http://localhost:${server.address().port}`
}

describe.skipIf(!browserPath)(browserPath ? "the built page" : "the built page (not run: no Chromium here)", () => {
  for (const only of ["polling and WebSocket", "WebSocket alone"]) {
    test(`logs in over ${only} and shows sockets, rooms and events`, async () => {
      const site = await page()
      const url = await serve(...withPassword, `access.allow-origins=${site}`)
      const guests = [1, 2, 3].map(() => client(url, {}))
      await Promise.all(guests.map(connected))

      mkdirSync(screenshots, { recursive: true })
      const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] })
      cleanups.push(() => browser.close())
      const tab = await browser.newPage({ viewport: { width: 1280, height: 860 } })
      // Its fonts and icons come from elsewhere, which is not there.
      await tab.route((address) => address.hostname !== "localhost", (route) => route.abort())
      await tab.goto(`${site}/`)
      await tab.getByLabel("Server URL").fill(url)
      await tab.getByLabel("Username").fill("ada")
      await tab.getByLabel("Password").fill("wrong")
      if (only === "WebSocket alone") {
        await tab.getByText("Advanced options").click()
        await tab.getByText("WebSocket only?").click()
      }
      await tab.getByRole("button", { name: "Connect" }).click()
      await tab.getByText("Invalid credentials").waitFor()
      await tab.getByLabel("Password").fill(password)
      await tab.getByRole("button", { name: "Connect" }).click()
      await tab.getByText("Invalid credentials").waitFor({ state: "hidden" })
      const keep = (name) => tab.screenshot({ path: join(screenshots, `admin-${name}.png`), animations: "disabled" })
      const settled = () => // transitions of the page, and of its charts
        tab.waitForFunction(() => {
          const before = window.drawn
          window.drawn = Array.from(document.querySelectorAll("canvas"), (chart) => chart.toDataURL()).join()
          return window.drawn === before && document.getAnimations().every((animation) => animation.playState !== "running")
        }, null, { polling: 250 })
      await tab.locator("tr", { hasText: "/admin" }).first().waitFor()
      for (const guest of guests) guest.socket.emit("hello", "from a guest")
      await settled()
      await keep("dashboard")

      await tab.goto(`${site}/#/sockets/`)
      await tab.getByText(guests[0].socket.id).first().waitFor()
      await settled()
      await keep("sockets")
      await tab.goto(`${site}/#/events/`)
      guests[0].socket.emit("again", "once more")
      await tab.getByText("again").first().waitFor()
      await settled()
      await keep("events")

      await tab.reload() // with the session it was given
      await tab.goto(`${site}/#/sockets/`)
      await tab.getByText(guests[1].socket.id).first().waitFor()
    })
  }
})
