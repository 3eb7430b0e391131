// The chat example in headless Chromium: what is said arrives once and in order, whatever happens to network and server.
// Each view leaves a screenshot in SCREENSHOTS.
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { chromium } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { folder, freePort, start } from "./socketio/target.mjs"

const browserPath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .filter(Boolean)
  .find(existsSync)
const screenshots = resolve(process.env.SCREENSHOTS ?? "screenshots")
const upTo = (n, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i)
const WAIT = 20_000

let browser
let contexts = []

beforeAll(async () => {
  if (!browserPath) return
  mkdirSync(screenshots, { recursive: true })
  browser = await chromium.launch({
    executablePath: browserPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  })
})
afterAll(() => browser?.close())
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()))
  contexts = []
})

/** The chat, which can be killed and comes back at its address with what it had. */
async function chat() {
  const args = ["--data", folder()]
  const port = await freePort()
  let server = await start("chat", args, port)
  onTestFinished(() => server.stop("SIGKILL"))
  return {
    url: `${server.url}/chat/`,
    origin: server.url,
    die: () => server.stop("SIGKILL"),
    comeBack: async () => (server = await start("chat", args, port)),
  }
}

/** Somebody in the chat, in a browser of their own. */
async function guest(url, name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1180, height: 780 }, colorScheme: "light", ...options })
  contexts.push(context)
  const page = await context.newPage()
  page.setDefaultTimeout(WAIT)
  const complaints = []
  page.on("pageerror", (error) => complaints.push(error.message))
  // The network's own complaints are what these tests are about.
  page.on("console", (message) => message.type() === "error" && !/net::ERR_|WebSocket connection/.test(message.text()) && complaints.push(message.text()))
  await page.goto(url)
  await page.fill("#hello input", name)
  await page.keyboard.press("Enter")
  const state = (kind) => page.locator(`#state[data-state="${kind}"]`).waitFor()
  await state("live")
  await page.locator("#people li", { hasText: name }).waitFor({ state: "attached" }) // on a phone it is not shown
  return {
    page,
    context,
    complaints,
    state,
    async say(...texts) {
      for (const text of texts) {
        await page.fill("#text", String(text))
        await page.keyboard.press("Enter")
      }
    },
    lines: () => page.locator(".line p").allInnerTexts(),
    note: (words) => page.locator(".note", { hasText: words }).last().waitFor(),
    keep: (shot) => page.screenshot({ path: join(screenshots, `chat-${shot}.png`) }),
  }
}

const soon = (what) => expect.poll(what, { timeout: WAIT, interval: 50 })

/** Types until the other sees it: such an event may be dropped. */
async function types(one, other) {
  await soon(async () => {
    await one.page.locator("#text").press("e")
    return other.page.locator("#typing").innerText()
  }).toBe("Grace is typing …")
}

describe.skipIf(!browserPath)(browserPath ? "chat" : "chat (not run: no Chromium here; CHROMIUM=/path/to/it names one)", () => {
  test("two talk, see each other come and type, and the next one sees what was said", async () => {
    const server = await chat()
    const ada = await guest(server.url, "Ada")
    await ada.page.getByText("Nothing said here yet").waitFor()
    const grace = await guest(server.url, "Grace")
    await ada.note("Grace joined")
    expect(await ada.page.locator("#count").innerText()).toBe("2 here")
    await types(grace, ada)
    const hostile = '<img src=x onerror="window.hacked=1">'
    await grace.say("hello", hostile)
    await soon(ada.lines).toEqual(["hello", hostile])
    await ada.say("hello to you")
    for (const each of [ada, grace]) await soon(each.lines).toEqual(["hello", hostile, "hello to you"])
    const third = await guest(server.url, "Linus")
    await soon(third.lines).toEqual(["hello", hostile, "hello to you"])
    await third.context.close()
    await ada.note("Linus left")
    for (const each of [ada, grace]) {
      expect(await each.page.evaluate(() => window.hacked)).toBeUndefined()
      expect(each.complaints).toEqual([])
    }
  })

  test("a room keeps to itself", async () => {
    const server = await chat()
    const ada = await guest(server.url, "Ada")
    const grace = await guest(server.url, "Grace")
    await ada.say("in the lobby")
    await soon(grace.lines).toEqual(["in the lobby"])
    await grace.page.locator("#rooms a", { hasText: "#kitchen" }).click()
    await ada.note("Grace left")
    await grace.say("in the kitchen")
    await soon(grace.lines).toEqual(["in the kitchen"])
    await ada.page.fill("#open input", "kitchen")
    await ada.page.keyboard.press("Enter")
    await soon(ada.lines).toEqual(["in the kitchen"])
    await ada.page.locator("#rooms a", { hasText: "#lobby" }).click()
    await soon(ada.lines).toEqual(["in the lobby"])
  })

  test("who was offline has all that was missed, once and in order, and what was written there is said", async () => {
    const server = await chat()
    const ada = await guest(server.url, "Ada")
    const grace = await guest(server.url, "Grace")
    await ada.say(1, 2)
    await soon(grace.lines).toEqual(["1", "2"])
    await grace.context.setOffline(true)
    await grace.state("wait")
    await ada.say(...upTo(20, 3))
    await grace.say("written offline", "and more")
    await grace.page.locator(".pending", { hasText: "and more" }).waitFor()
    await grace.keep("offline")
    expect(await ada.page.locator("#people li").count()).toBe(2)
    await grace.context.setOffline(false)
    await grace.state("live")
    await grace.note("Back")
    const all = [...upTo(20).map(String), "written offline", "and more"]
    for (const each of [ada, grace]) await soon(each.lines).toEqual(all)
    expect(await grace.page.locator(".pending").count()).toBe(0)
    expect(await ada.page.locator(".note", { hasText: "left" }).count()).toBe(0)
  })

  test("kill -9 of the server, and its restart: nothing is lost, nothing comes twice, everyone is there", async () => {
    const server = await chat()
    const ada = await guest(server.url, "Ada")
    const grace = await guest(server.url, "Grace")
    for (const round of upTo(3)) {
      const words = (who, part) => upTo(5).map((n) => `${who} ${round}.${part}.${n}`)
      await ada.say(...words("Ada", "before"))
      await grace.say(...words("Grace", "before"))
      const died = server.die() // with some of it on its way
      await ada.say(...words("Ada", "during"))
      await died
      await ada.state("wait")
      await grace.say(...words("Grace", "after"))
      if (round === 1) await grace.keep("server-down")
      await server.comeBack()
      for (const each of [ada, grace]) {
        await each.state("live")
        await each.note("Back, with everything")
      }
      await ada.say(...words("Ada", "back"))
      await soon(async () => (await ada.lines()).length).toBe(25 * round)
      await soon(grace.lines).toEqual(await ada.lines())
    }
    const heard = await ada.lines()
    expect(new Set(heard).size).toBe(75)
    for (const who of ["Ada", "Grace"]) {
      const parts = who === "Ada" ? ["before", "during", "back"] : ["before", "after"]
      const said = upTo(3).flatMap((round) => parts.flatMap((part) => upTo(5).map((n) => `${who} ${round}.${part}.${n}`)))
      expect(heard.filter((line) => line.startsWith(who))).toEqual(said)
    }
    for (const each of [ada, grace]) {
      await soon(() => each.page.locator("#people li").count()).toBe(2)
      expect(await each.page.locator(".pending").count()).toBe(0)
      expect(each.complaints).toEqual([])
    }
    const later = await guest(server.url, "Linus")
    await soon(later.lines).toEqual(heard)
  })

  test("the script it loads is the published client, byte for byte", async () => {
    const { origin } = await chat()
    for (const file of ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.js.map", "socket.io.min.js.map", "socket.io.esm.min.js.map"]) {
      const served = Buffer.from(await (await fetch(`${origin}/socket.io/${file}`)).arrayBuffer())
      const published = readFileSync(join(import.meta.dirname, "node_modules/socket.io-client/dist", file))
      expect(served.equals(published), file).toBe(true)
    }
  })

  for (const [shot, options] of [
    ["light", {}],
    ["dark", { colorScheme: "dark" }],
    ["phone-light", { viewport: { width: 390, height: 844 } }],
    ["phone-dark", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }],
  ]) {
    test(`is good to look at: ${shot}`, async () => {
      const server = await chat()
      const looking = await guest(server.url, "Ada", options)
      const grace = await guest(server.url, "Grace")
      const linus = await guest(server.url, "Linus")
      await grace.say("Good morning! Has anyone tried to kill the server yet?")
      await soon(async () => (await looking.lines()).length).toBe(1)
      await linus.say("Three times. kill -9, started it again.", "My tab said so and was back two seconds later.")
      await soon(async () => (await looking.lines()).length).toBe(3)
      await looking.say("And the messages?")
      await soon(async () => (await linus.lines()).length).toBe(4)
      await linus.say(
        "All there, in order, none twice – also the ones I wrote while it was down. The page is plain JavaScript with the stock client, " +
          "so I looked for the trick and there is none:\nhttps://example.org/a/rather/long/address/that-has-to-break-somewhere-on-a-phone-" + "x".repeat(60),
      )
      await grace.say("Wonderful.")
      await soon(async () => (await looking.lines()).length).toBe(6)
      await looking.say("Then I can go for lunch.")
      await types(grace, looking)
      expect(await looking.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
      await looking.keep(shot)
      expect(looking.complaints).toEqual([])
    })
  }
})
