// The wire in front of personas whose model says what it is asked to: the server of wire/openai's own tests.
import { startTestServer } from "../test-server.mjs"

/** Starts it; resolves once it listens. `restart()` is a crash and another life on the same store. */
export async function start() {
  const child = startTestServer("wire/openai", "dev.parley.wire.openai.OpenAiServer", [], ["pipe", "pipe", "pipe"])
  let errors = ""
  child.stderr.on("data", (chunk) => (errors += chunk))
  const ended = new Promise((done) => child.once("exit", done))
  const lines = []
  let wake = () => {}
  let rest = ""
  child.stdout.on("data", (chunk) => {
    const all = (rest + chunk).split("\n")
    rest = all.pop()
    lines.push(...all)
    wake()
  })
  const line = async () => {
    while (lines.length === 0) {
      const gone = await Promise.race([new Promise((next) => (wake = next)), ended.then((code) => `ended with ${code}`)])
      if (gone) throw new Error(`the server ${gone}:\n${errors}`)
    }
    return lines.shift()
  }
  return {
    url: `${await line()}/v1`,
    async restart() {
      child.stdin.write("\n")
      await line()
    },
    async stop() {
      child.stdin.end()
      return ended
    },
  }
}
