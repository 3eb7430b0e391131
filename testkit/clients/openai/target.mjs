// The wire in front of personas whose model says what it is asked to: the server of wire/openai's own tests.
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"

const module = resolve(import.meta.dirname, "../../../wire/openai")

/** Starts it; resolves once it listens. `restart()` is a crash and another life on the same store. */
export async function start() {
  const file = join(module, "target/test.classpath")
  if (!existsSync(file)) throw new Error(`${file} is missing (expected: ./mvnw -pl wire/openai -am test-compile)`)
  const classpath = [join(module, "target/test-classes"), join(module, "target/classes"), readFileSync(file, "utf8").trim()].join(":")
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin/java") : "java"
  const child = spawn(java, ["-ea", "-cp", classpath, "dev.parley.wire.openai.OpenAiServer"], { stdio: ["pipe", "pipe", "pipe"] })
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
