// Stock useChat of @ai-sdk/react in headless Chromium: what a reply says arrives whole and once, whatever happens to the page.
import { existsSync } from "node:fs"
import { chromium } from "playwright-core"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { site } from "./site.mjs"

const browserPath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .filter(Boolean)
  .find(existsSync)
const WAIT = 20_000
const counted = (n) => Array.from({ length: n }, (_, i) => i + 1).join(" ")
const soon = (what) => expect.poll(what, { timeout: WAIT, interval: 20 })
const inBrowser = test.skipIf(!browserPath)

let server
let browser
let contexts = []
let chats = 0

beforeAll(async () => {
  if (!browserPath) return
  server = await site()
  browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] })
})
afterAll(async () => {
  await browser?.close()
  server?.stop()
})
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()))
  contexts = []
})

const newChat = () => `chat-${process.pid}-${++chats}`

async function tab(chat, transport = "") {
  const context = await browser.newContext()
  contexts.push(context)
  const page = await context.newPage()
  page.setDefaultTimeout(WAIT)
  const complaints = []
  page.on("pageerror", (error) => complaints.push(error.message))
  await page.goto(`${server.url}/?chat=${chat}&transport=${transport}`)
  await page.locator("main").waitFor()
  return {
    page,
    complaints,
    async say(text) {
      await page.fill("input", text)
      await page.keyboard.press("Enter")
    },
    status: () => page.locator("main").getAttribute("data-status"),
    replies: () => page.locator('article[data-role="assistant"]').evaluateAll((all) => all.map((it) => [...it.querySelectorAll("p")].map((p) => p.innerText).join(""))),
    last: () => page.locator('article[data-role="assistant"]').last().evaluate((it) => [...it.querySelectorAll("p")].map((p) => p.innerText).join("")).catch(() => ""),
    people: () => page.locator('article[data-role="user"]').allInnerTexts(),
    async reload() {
      await page.reload()
      await page.locator("main").waitFor()
    },
  }
}

const has = (words) => (text) => text.includes(words)
const begun = async (it, words = "5 ") => soon(async () => has(words)(await it.last())).toBe(true)

for (const transport of ["", "durable"]) {
  inBrowser(`a reload in mid-reply goes on with the reply ${transport && "over durable streams"}`, async () => {
    const ada = await tab(newChat(), transport)
    await ada.say("count: 60")
    await begun(ada)
    await ada.reload()
    await begun(ada)
    expect(await ada.status()).toBe("streaming")
    await soon(ada.status).toBe("ready")
    expect(await ada.replies()).toEqual([counted(60)])
    expect(await ada.people()).toEqual(["count: 60"])
    expect(await ada.page.locator('article[data-ai="true"]').count()).toBe(1)
    await ada.reload()
    expect(await ada.replies()).toEqual([counted(60)])
    await soon(ada.status).toBe("ready")
    expect(ada.complaints).toEqual([])
  })

  inBrowser(`a second tab sees the same reply ${transport && "over durable streams"}`, async () => {
    const chat = newChat()
    const ada = await tab(chat, transport)
    await ada.say("count: 60")
    await begun(ada)
    const second = await tab(chat, transport)
    await begun(second)
    for (const each of [ada, second]) {
      await soon(each.status).toBe("ready")
      expect(await each.replies()).toEqual([counted(60)])
    }
  })
}

inBrowser("a stop ends the reply in both tabs, and a reload does not bring it back", async () => {
  const chat = newChat()
  const ada = await tab(chat)
  await ada.say("count: 2000")
  await begun(ada)
  const second = await tab(chat)
  await begun(second)
  await second.page.click("#stop")
  await soon(ada.status).toBe("ready")
  await soon(second.status).toBe("ready")
  const said = await ada.last()
  expect(await second.last()).toBe(said)
  await ada.reload()
  await soon(ada.status).toBe("ready")
  expect(await ada.replies()).toEqual([said])
  expect(await ada.page.locator('article[data-state="stopped"]').count()).toBe(1)
  expect(server.seen.at(-1)).toBe(`GET /api/chat/${chat}/stream 204`)
  await ada.say("echo: still here")
  await soon(ada.last).toBe("still here")
})

inBrowser("stop() of the stock transport only stops watching, and the next message replaces the reply", async () => {
  const ada = await tab(newChat())
  await ada.say("count: 2000")
  await begun(ada)
  await ada.page.click("#detach")
  await soon(ada.status).toBe("ready")
  const then = (await ada.last()).length
  await ada.reload()
  await soon(async () => (await ada.last()).length > then + 20).toBe(true)
  await ada.page.click("#detach")
  await ada.say("echo: enough")
  await soon(ada.last).toBe("enough")
  await ada.reload()
  await soon(ada.status).toBe("ready")
  expect((await ada.replies()).length).toBe(2)
  expect(await ada.page.locator('article[data-state="stopped"]').count()).toBe(1)
})

inBrowser("stop() of a transport that means it stops the reply, and leaving the page does not", async () => {
  const ada = await tab(newChat(), "stopping")
  await ada.say("count: 2000")
  await begun(ada)
  await ada.page.click("#hide")
  await ada.page.click("#hide")
  await begun(ada, "15 ")
  await ada.reload()
  await begun(ada, "25 ")
  await ada.page.click("#detach")
  await soon(() => server.seen.at(-1)).toMatch(/stop 200$/)
  await ada.reload()
  await soon(ada.status).toBe("ready")
  expect(await ada.page.locator('article[data-state="stopped"]').count()).toBe(1)
})

inBrowser("a reply whose connection is cut goes on when it is resumed", async () => {
  const ada = await tab(newChat())
  await ada.say("count: 60")
  await begun(ada)
  server.cut()
  await soon(ada.status).toBe("error")
  await ada.page.evaluate(() => void window.chat.resumeStream())
  await soon(ada.status).toBe("ready")
  expect(await ada.replies()).toEqual([counted(60)])
})

inBrowser("a reply is regenerated, and the chat is the new one after a reload", async () => {
  const ada = await tab(newChat())
  await ada.say("echo: one two")
  await soon(ada.last).toBe("one two")
  await soon(ada.status).toBe("ready")
  await ada.page.click("#again")
  await soon(async () => server.seen.filter(has("POST /api/chat 200")).length).toBeGreaterThan(1)
  await soon(ada.status).toBe("ready")
  expect(await ada.replies()).toEqual(["one two"])
  await ada.reload()
  expect(await ada.replies()).toEqual(["one two"])
})

for (const transport of ["", "durable"]) {
  inBrowser(`a person approves a tool, after a reload too ${transport && "over durable streams"}`, async () => {
    const ada = await tab(newChat(), transport)
    await ada.say('tool: buy {"what":"milk"}')
    await ada.page.locator(".yes").waitFor()
    await ada.reload()
    await ada.page.locator(".yes").waitFor()
    await soon(ada.status).toBe("ready")
    await ada.page.click(".yes")
    await soon(ada.last).toContain("The tool answered")
    await soon(ada.status).toBe("ready")
    expect(await ada.page.locator('[data-tool="output-available"] code').innerText()).toBe('{"buy":"done"}')
    expect((await ada.replies()).length).toBe(1)
    await ada.reload()
    expect(await ada.page.locator('[data-tool="output-available"] code').innerText()).toBe('{"buy":"done"}')
    expect(ada.complaints).toEqual([])
  })
}

inBrowser("a person denies a tool, and the reply goes on without it", async () => {
  const ada = await tab(newChat())
  await ada.say("tool: buy {}")
  await ada.page.click(".no")
  await soon(ada.last).toContain("denied")
  await soon(ada.status).toBe("ready")
  expect(await ada.page.locator('[data-tool="output-denied"]').count()).toBe(1)
  await ada.reload()
  expect(await ada.page.locator('[data-tool="output-denied"]').count()).toBe(1)
})

inBrowser("the page answers its own tool, once", async () => {
  const ada = await tab(newChat())
  await ada.say("tool: where {}")
  await soon(ada.last).toContain("Bonn")
  await soon(ada.status).toBe("ready")
  expect(await ada.page.evaluate(() => window.asked)).toBe(1)
  await ada.reload()
  await soon(ada.status).toBe("ready")
  expect(await ada.page.evaluate(() => window.asked)).toBe(0)
})

inBrowser("a reply that fails is an error, and is asked for again", async () => {
  const ada = await tab(newChat())
  await ada.say("fail: overloaded 3")
  await ada.page.locator("#error").waitFor()
  expect(await ada.last()).toBe("1 2 3")
  await ada.page.click("#again")
  await soon(async () => server.seen.filter(has("POST /api/chat 200")).length).toBeGreaterThan(1)
  await ada.page.locator("#error").waitFor()
  expect((await ada.replies()).length).toBe(1)
})
