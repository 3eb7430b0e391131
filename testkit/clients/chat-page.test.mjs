// The chat page in headless Chromium: several people, each in a browser context of their own. Every view leaves a
// screenshot in SCREENSHOTS. Replies are the demonstration's, which obeys a few words: echo, count, think, tool, fail.
import { existsSync, mkdirSync } from "node:fs"
import { join, resolve } from "node:path"
import { chromium } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"

const browserPath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .filter(Boolean)
  .find(existsSync)
const screenshots = resolve(process.env.SCREENSHOTS ?? "screenshots")
const WAIT = 15_000
const OFFLINE = /ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|ERR_FAILED|Failed to load resource/

/** Whose page is looked at. */
const server = { url: process.env.SERVER_URL.replace(/\/$/, "") }

let browser
const contexts = []
let complaints = [] // what a page logged as an error: there is never a reason for one but a network that is cut

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
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()))
  const found = complaints
  complaints = []
  expect(found).toEqual([])
})
afterAll(async () => {
  await browser?.close()
})

const names = ["Ada", "Grace", "Lin"]
let people = 0

/** Somebody opens the page, under a name that nobody else in these tests has. */
async function arrive(name = `${names[people++ % 3]} ${people}`, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: "light", ...options })
  contexts.push(context)
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url })
  await context.addInitScript((chosen) => localStorage.setItem("parley.person", chosen), name)
  const page = await context.newPage()
  page.setDefaultTimeout(WAIT)
  page.on("pageerror", (error) => complaints.push(error.message))
  page.on("console", (message) => message.type() === "error" && !OFFLINE.test(message.text()) && complaints.push(message.text()))
  return Object.assign(page, { name })
}

async function call(person, method, path, body) {
  const url = `${server.url}${path}${path.includes("?") ? "&" : "?"}person=${encodeURIComponent(person)}`
  const response = await fetch(url, { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) })
  expect(response.status, `${method} ${path}: ${await response.clone().text()}`).toBeLessThan(300)
  return response.status === 204 ? null : response.json()
}

const keep = (page, name) => page.screenshot({ path: join(screenshots, `chat-page-${name}.png`) })
const idOf = (page) => decodeURIComponent(page.url().match(/#\/chat\/([^/]+)/)[1])
const turns = (page) => page.locator(".turn:not(.pending, .queued, .writing) .body").evaluateAll((all) => all.map((body) => body.innerText.trim()))
/** All that was said is answered. */
const idle = (page) =>
  page.waitForFunction(() => !document.querySelector("#stop, .pending, .queued, .writing") && document.querySelector(".turns > li:last-child")?.matches(".by-ai, .end"))
/** The list has come in or gone. */
const still = (page) => page.waitForFunction(() => document.querySelector(".talks").getAnimations().length === 0)
const writing = (page) => page.locator(".turn.writing .prose")
const upTo = (n) => Array.from({ length: n }, (_, i) => i + 1).join(" ")
const soon = (what) => expect.poll(what, { timeout: WAIT })

async function say(page, text) {
  await page.fill("#say", text)
  await page.press("#say", "Enter")
}

/** Begins a conversation by its first message. */
async function begin(page, text) {
  await page.goto(server.url)
  await say(page, text)
  await page.waitForURL(/#\/chat\//)
}

/** Somebody is added to a conversation, and looks at it. */
async function joins(page, other) {
  await call(page.name, "PUT", `/api/conversations/${idOf(page)}/members/${encodeURIComponent(other.name)}`, { role: "writer" })
  await other.goto(page.url())
  await other.locator(".turn").first().waitFor()
}

describe.skipIf(!browserPath)(browserPath ? "chat page" : "chat page (not run: no Chromium here; CHROMIUM=/path/to/it names one)", () => {
  test("is what the server opens, begins a conversation with the first message, and says that no model is configured", async () => {
    const ada = await arrive()
    await ada.goto(server.url)
    await ada.getByText("What is on your mind?").waitFor()
    await ada.locator("#no-model").waitFor()
    await keep(ada, "welcome")
    await say(ada, "What can a reply look like?")
    await ada.locator(".turn.by-ai figure.code").waitFor()
    await keep(ada, "writing")
    await idle(ada)
    await ada.locator(".turn.by-ai .hljs-keyword").first().waitFor()
    expect(await ada.locator(".turn.by-ai .ai").innerText()).toBe("AI")
    expect(await ada.locator(".turn.by-ai table tbody tr").count()).toBe(5)
    expect(await ada.locator("h1").innerText()).toBe("What can a reply look like?")
    await ada.locator(`.talk-lines a[data-id="${idOf(ada)}"]`, { hasText: "What can a reply look like?" }).waitFor()
    expect(await ada.locator("[aria-live]", { hasText: "No model is configured here" }).count()).toBe(1)
    await ada.locator(".copy-code").click()
    expect(await ada.evaluate(() => navigator.clipboard.readText())).toContain('return "Hello, " + name + "!";')
    await ada.locator(".copy-code", { hasText: "Copied" }).waitFor()
    await keep(ada, "finished")
    await ada.getByRole("link", { name: "Streams" }).click()
    await ada.getByRole("heading", { name: "Streams" }).waitFor()
    await ada.getByRole("link", { name: "Chat", exact: true }).click()
    await ada.getByText("What is on your mind?").waitFor()
  })

  test("reads what a model says as text, never as markup", async () => {
    const ada = await arrive()
    await begin(ada, 'echo: <img src=x onerror="window.hacked=1"> <script>window.hacked=1</script> [a](javascript:window.hacked=1) ![b](https://example.com/b.png) [c](https://example.com/) &lt;b&gt; `<i>`')
    await idle(ada)
    const body = ada.locator(".turn.by-ai .prose")
    expect(await body.innerText()).toContain('<img src=x onerror="window.hacked=1"> <script>window.hacked=1</script>')
    expect(await body.innerText()).toContain("<b> <i>")
    expect(await body.locator("img, script, iframe, [onerror]").count()).toBe(0)
    expect(await body.locator("a").evaluateAll((all) => all.map((a) => a.href))).toEqual(["https://example.com/b.png", "https://example.com/"])
    expect(await ada.evaluate(() => window.hacked)).toBeUndefined()
  })

  test("adds to a long reply without making anew what stands there", async () => {
    const ada = await arrive()
    await begin(ada, `echo: ${Array.from({ length: 30 }, (_, i) => `Paragraph ${i} has words.\n\n`).join("")}`)
    await writing(ada).locator("p").nth(2).waitFor()
    await writing(ada).evaluate((prose) => (prose.children[0].kept = prose.children[1].kept = true))
    await ada.evaluate(() => {
      window.touched = new Set()
      const prose = document.querySelector(".turn.writing .prose")
      new MutationObserver((all) => all.forEach((m) => window.touched.add([...prose.children].findIndex((child) => child.contains(m.target))))).observe(prose, { childList: true, characterData: true, subtree: true })
    })
    await writing(ada).locator("p").nth(12).waitFor()
    expect(await writing(ada).evaluate((prose) => prose.children[0].kept && prose.children[1].kept)).toBe(true)
    expect(await ada.evaluate(() => window.touched.has(0) || window.touched.has(1))).toBe(false)
    await ada.press("#say", "Escape")
    await idle(ada)
  })

  test("goes on with a reply after a reload, and shows it in a second tab", async () => {
    const ada = await arrive()
    await begin(ada, "count: 120")
    await writing(ada).getByText("1 2 3 4").waitFor()
    await ada.reload()
    await writing(ada).getByText("1 2 3 4").waitFor()
    const tab = await ada.context().newPage()
    await tab.goto(ada.url())
    await writing(tab).getByText("1 2 3 4").waitFor()
    await idle(ada)
    await idle(tab)
    expect(await turns(ada)).toEqual(["count: 120", upTo(120)])
    expect(await turns(tab)).toEqual(["count: 120", upTo(120)])
  })

  test("stops a reply with Escape, and for everyone", async () => {
    const ada = await arrive()
    const grace = await arrive()
    await begin(ada, "count: 5000")
    await writing(ada).getByText("1 2 3").waitFor()
    await joins(ada, grace)
    await writing(grace).getByText("1 2 3").waitFor()
    await ada.press("#say", "Escape")
    await ada.getByText("Stopped by you.").waitFor()
    await grace.getByText(`Stopped by ${ada.name}.`).waitFor()
    const [, said] = await turns(ada)
    expect(said).toMatch(/^1 2 3/)
    expect((await turns(grace))[1]).toBe(said)
  })

  test("steers a reply, queues behind it, or takes its place", async () => {
    const ada = await arrive()
    await begin(ada, "count: 5000")
    await writing(ada).getByText("1 2 3").waitFor()
    await say(ada, "echo: steered there")
    await soon(async () => (await turns(ada)).slice(-2)).toEqual(["echo: steered there", "steered there"])
    await say(ada, "count: 4000")
    await writing(ada).getByText("1 2 3").waitFor()
    await ada.selectOption("#while-busy", "queue")
    await say(ada, "echo: patient")
    await ada.locator(".turn.queued", { hasText: "Queued: next in line" }).waitFor()
    await say(ada, "echo: withdrawn")
    await ada.locator(".turn.queued", { hasText: "number 2 in line" }).waitFor()
    await keep(ada, "queued")
    await ada.locator(".turn.queued", { hasText: "withdrawn" }).getByRole("button", { name: "Withdraw" }).click()
    await soon(() => ada.locator(".turn.queued").count()).toBe(1)
    await ada.selectOption("#while-busy", "replace")
    await say(ada, "echo: instead")
    await soon(async () => (await turns(ada)).slice(-4)).toEqual(["echo: instead", "instead", "echo: patient", "patient"])
  })

  test("edits what one said and answers anew: versions to switch between", async () => {
    const ada = await arrive()
    await begin(ada, "echo: one")
    await idle(ada)
    await say(ada, "echo: two")
    await soon(() => turns(ada)).toEqual(["echo: one", "one", "echo: two", "two"])
    const second = ada.locator(".turn.by-me", { hasText: "echo: two" })
    await second.hover()
    await second.getByRole("button", { name: "Edit" }).click()
    await ada.fill(".editor textarea", "echo: two, said better")
    await keep(ada, "edit")
    await ada.click("#save-edit")
    await soon(() => turns(ada)).toEqual(["echo: one", "one", "echo: two, said better", "two, said better"])
    await ada.locator(".switch", { hasText: "2/2" }).waitFor()
    const reply = ada.locator(".turn.by-ai", { hasText: "two, said better" })
    await reply.hover()
    await reply.getByRole("button", { name: "Answer again" }).click()
    await soon(() => ada.locator(".switch").count()).toBe(2)
    await soon(() => turns(ada)).toEqual(["echo: one", "one", "echo: two, said better", "two, said better"])
    await idle(ada)
    await keep(ada, "branches")
    await ada.locator(".switch").first().getByRole("button", { name: "Earlier version" }).click()
    await soon(() => turns(ada)).toEqual(["echo: one", "one", "echo: two", "two"])
    await ada.locator(".switch", { hasText: "1/2" }).waitFor()
    await ada.locator("#say").focus()
    await ada.keyboard.press("ArrowUp")
    expect(await ada.inputValue(".editor textarea")).toBe("echo: two")
    await ada.press(".editor textarea", "Escape")
    await ada.locator(".editor").waitFor({ state: "detached" })
  })

  test("shows two people to each other: who is here, who types, and what each says", async () => {
    const ada = await arrive()
    const grace = await arrive()
    await begin(ada, "echo: hello, both")
    await idle(ada)
    await ada.click("#people")
    await ada.fill('dialog input[name="person"]', grace.name)
    await keep(ada, "people")
    await ada.click("#confirm")
    await grace.goto(ada.url())
    await grace.locator(".turn").first().waitFor()
    await ada.locator(`.face.here[data-person="${grace.name}"]`).waitFor()
    await grace.locator("#say").pressSequentially("echo: from G")
    await ada.getByText(`${grace.name} is typing…`).waitFor()
    await keep(ada, "typing")
    await say(grace, "echo: from Grace")
    await ada.locator(".turn.by-other", { hasText: grace.name }).getByText("echo: from Grace").waitFor()
    await soon(() => turns(ada)).toEqual(["echo: hello, both", "hello, both", "echo: from Grace", "from Grace"])
    await soon(() => turns(grace)).toEqual(await turns(ada))
    await keep(grace, "two-people")
  })

  test("counts what is unread, and marks where it begins", async () => {
    const ada = await arrive()
    const grace = await arrive()
    const read = ada.waitForResponse((response) => response.url().includes("/read?"))
    await begin(ada, "echo: first")
    await idle(ada)
    await joins(ada, grace)
    const id = idOf(ada)
    await read
    await ada.goto(`${server.url}/#/`)
    await say(grace, "echo: while you were away")
    await idle(grace)
    await ada.locator(`.talk-lines a[data-id="${id}"] .unread`).waitFor()
    await soon(() => ada.locator(`.talk-lines a[data-id="${id}"] .unread`).innerText()).toBe("2")
    await ada.click(`.talk-lines a[data-id="${id}"]`)
    await ada.locator(".unread-mark + .turn", { hasText: "echo: while you were away" }).waitFor()
    await keep(ada, "unread")
    await soon(() => ada.locator(".talk-lines .unread").count()).toBe(0)
  })

  test("keeps what is said without a network, sends it once when it is back, and goes on with the reply", async () => {
    const ada = await arrive()
    await begin(ada, "count: 150")
    await writing(ada).getByText("1 2 3").waitFor()
    await ada.selectOption("#while-busy", "queue")
    await ada.context().setOffline(true)
    await ada.locator("#connection", { hasText: "You are offline" }).waitFor()
    await say(ada, "echo: said in a tunnel")
    await ada.locator(".turn.pending.waiting", { hasText: "said in a tunnel" }).waitFor()
    await keep(ada, "offline")
    await ada.context().setOffline(false)
    await ada.locator("#connection").waitFor({ state: "detached" })
    await soon(() => turns(ada)).toEqual(["count: 150", upTo(150), "echo: said in a tunnel", "said in a tunnel"])
    await idle(ada)
    expect(await ada.locator(".turn.pending").count()).toBe(0)
  })

  test("says so when the server cannot be reached, and keeps what waits over a reload", async () => {
    const ada = await arrive()
    await begin(ada, "echo: here")
    await idle(ada)
    await ada.route("**/turns*", (route) => route.abort())
    await say(ada, "echo: kept")
    await ada.locator(".turn.pending.waiting", { hasText: "echo: kept" }).waitFor()
    await ada.reload()
    await ada.locator(".turn.pending", { hasText: "echo: kept" }).waitFor()
    await ada.unroute("**/turns*")
    await soon(() => turns(ada)).toEqual(["echo: here", "here", "echo: kept", "kept"])
  })

  test("lets go of its connections in a tab that nobody looks at, and catches up when somebody does", async () => {
    const ada = await arrive()
    await ada.clock.install()
    await begin(ada, "count: 90")
    await writing(ada).getByText("1 2 3").waitFor()
    const look = (hidden) =>
      ada.evaluate((is) => {
        Object.defineProperty(document, "hidden", { get: () => is, configurable: true })
        document.dispatchEvent(new Event("visibilitychange"))
      }, hidden)
    const grace = await arrive()
    await joins(ada, grace)
    await grace.locator(`.face.here[data-person="${ada.name}"]`).waitFor()
    await look(true)
    await ada.clock.fastForward(40_000)
    await grace.locator(`.face:not(.here)[data-person="${ada.name}"]`).waitFor()
    await idle(grace)
    await look(false)
    await soon(() => turns(ada)).toEqual(["count: 90", upTo(90)])
    await grace.locator(`.face.here[data-person="${ada.name}"]`).waitFor()
  })

  test("asks before a tool runs that needs a person's permission", async () => {
    const ada = await arrive()
    await call(ada.name, "PUT", "/api/personas/forecaster", {
      id: "forecaster", name: "Forecaster", model: "demonstration", provider: "scripted",
      tools: [{ name: "weather", description: "The weather somewhere", approval: true }],
    })
    await ada.goto(server.url)
    await ada.click("#persona summary")
    await ada.locator('#persona [data-persona="forecaster"]').waitFor()
    await keep(ada, "personas")
    await ada.click('#persona [data-persona="forecaster"]')
    await say(ada, 'tool: weather {"city": "Ghent"}')
    const asked = ada.locator(".call.unapproved")
    await asked.waitFor()
    expect(await asked.innerText()).toContain('"city": "Ghent"')
    await keep(ada, "permission")
    const callId = await asked.getAttribute("data-call")
    await asked.getByRole("button", { name: "Approve" }).click()
    await ada.locator(".call.running").waitFor()
    const { runs } = await call(ada.name, "GET", `/api/conversations/${idOf(ada)}`)
    await call(ada.name, "POST", `/api/runs/${runs[0].run}/result`, { call: callId, result: { degrees: 21, sky: "clear" } })
    await ada.locator(".call.done").waitFor()
    await idle(ada)
    await keep(ada, "tool-done")
    await say(ada, 'tool: weather {"city": "Bruges"}')
    await ada.locator(".call.unapproved").getByRole("button", { name: "Deny" }).click()
    await ada.locator(".call.denied").waitFor()
    await idle(ada)
  })

  test("folds what a model thinks, and says why a reply failed", async () => {
    const ada = await arrive()
    await begin(ada, "think: so it is")
    await idle(ada)
    const thought = ada.locator(".turn.by-ai .thought")
    expect(await thought.getAttribute("open")).toBeNull()
    await thought.locator("summary").click()
    await thought.getByText("Somebody asks me to think.").waitFor()
    await say(ada, "fail: overloaded 5")
    const failed = ada.locator(".end.failed")
    await failed.getByText("asked to fail").waitFor()
    await keep(ada, "failed")
    await ada.reload()
    await failed.getByText("asked to fail").waitFor()
    await failed.getByRole("button", { name: "Try again" }).click()
    await ada.locator(".switch", { hasText: "2/2" }).waitFor()
    await failed.getByText("asked to fail").waitFor()
  })

  test("changes who answers, for everyone and from the next reply on", async () => {
    const ada = await arrive()
    const grace = await arrive()
    await call(ada.name, "PUT", "/api/personas/critic", { id: "critic", name: "Critic", model: "demonstration", provider: "scripted" })
    await begin(ada, "echo: hello")
    await idle(ada)
    await joins(ada, grace)
    await ada.click("#persona summary")
    await ada.click('#persona [data-persona="critic"]')
    await grace.locator("#persona .name", { hasText: "Critic" }).waitFor()
    await say(grace, "echo: who are you?")
    await ada.locator(".turn.by-ai", { hasText: "Critic" }).getByText("who are you?").waitFor()
  })

  test("renames, archives, restores, finds and deletes a conversation", async () => {
    const ada = await arrive()
    await begin(ada, "echo: to be filed")
    await idle(ada)
    const id = idOf(ada)
    const line = ada.locator(`.talk-lines a[data-id="${id}"]`)
    await ada.click("#more summary")
    await keep(ada, "menu")
    await ada.click("#rename")
    await ada.fill('dialog input[name="title"]', "Filed under F")
    await ada.click("#confirm")
    await line.getByText("Filed under F").waitFor()
    await begin(ada, "echo: another one")
    await idle(ada)
    await ada.keyboard.press("Control+k")
    await ada.keyboard.type("under f")
    await soon(() => ada.locator(".talk-lines a").count()).toBe(1)
    await ada.keyboard.press("Enter")
    await ada.getByRole("heading", { name: "Filed under F" }).waitFor()
    await ada.fill("#find", "")
    await ada.click("#more summary")
    await ada.click("#archive")
    await ada.getByText("Archived: nothing is added.").waitFor()
    await line.waitFor({ state: "detached" })
    await ada.click("#archived")
    await line.waitFor()
    await ada.getByRole("button", { name: "Restore" }).click()
    await ada.locator("#say").waitFor()
    await ada.click("#archived")
    await line.waitFor()
    await ada.click("#more summary")
    await ada.click("#delete")
    await keep(ada, "delete")
    await ada.click("#confirm")
    await ada.getByText("What is on your mind?").waitFor()
    await line.waitFor({ state: "detached" })
    await ada.goto(`${server.url}/#/chat/${id}`)
    await ada.getByText("There is no such conversation").waitFor()
  })

  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of [["desktop", { width: 1280, height: 860 }], ["phone", { width: 360, height: 740 }]]) {
      test(`fits a ${size} in ${colorScheme}`, async () => {
        const ada = await arrive("Ada", { viewport, colorScheme, hasTouch: size === "phone" })
        const grace = await arrive("Grace")
        await begin(ada, "Show me what a reply can look like, please")
        await idle(ada)
        await joins(ada, grace)
        await say(grace, "think: I would like to **count** with you, and see that `12` comes before `13`.")
        await idle(grace)
        await say(ada, "count: 400")
        await writing(ada).getByText("1 2 3 4 5 6 7 8").waitFor()
        const overflow = () => ada.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        expect(await overflow()).toBe(0)
        await keep(ada, `${size}-${colorScheme}`)
        if (size === "phone") {
          await ada.click(".to-list")
          await ada.locator(".talk-lines a").first().waitFor()
          await still(ada)
          await keep(ada, `${size}-list-${colorScheme}`)
          await ada.locator(".shade").click({ position: { x: 350, y: 300 } })
          await ada.locator(".chat:not(.side-open)").waitFor()
          await still(ada)
        }
        await ada.click("#stop")
        await idle(ada)
        await ada.locator("#scroll").evaluate((scroll) => (scroll.scrollTop = 0))
        await keep(ada, `${size}-top-${colorScheme}`)
        expect(await overflow()).toBe(0)
      })
    }
  }
})
