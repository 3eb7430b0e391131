// Starts the real server once for all files, on a free port and an empty data folder, and stops it afterwards.
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

const parley = resolve(import.meta.dirname, "../../parley")

/** Starts `./parley serve`; resolves once it answers. */
export async function startServer({ data, port = 0, set = [] } = {}) {
  const child = spawn(
    parley,
    ["serve", "--port", String(port), "--data", data, ...set.flatMap((s) => ["--set", s])],
    { stdio: ["ignore", "pipe", "pipe"] },
  )
  let output = ""
  const url = await new Promise((ready, refuse) => {
    const read = (chunk) => {
      output += chunk
      const found = output.match(/https?:\/\/[^\s/]+:\d+/)
      if (found) ready(found[0])
    }
    child.stdout.on("data", read)
    child.stderr.on("data", read)
    child.once("exit", (code) => refuse(new Error(`parley serve ended with ${code}:\n${output}`)))
  })
  for (let i = 0; ; i++) {
    const live = await fetch(`${url}/health/ready`).catch(() => undefined)
    if (live?.ok) break
    if (i === 200) throw new Error(`parley serve never became ready:\n${output}`)
    await new Promise((r) => setTimeout(r, 50))
  }
  return {
    url,
    pid: child.pid,
    output: () => output,
    stop: (signal = "SIGTERM") =>
      new Promise((done) => {
        if (child.exitCode !== null || child.signalCode !== null) return done(child.exitCode)
        child.once("exit", (code) => done(code))
        child.kill(signal)
      }),
  }
}

export default async function setup() {
  const data = mkdtempSync(join(tmpdir(), "parley-clients-"))
  const server = await startServer({
    data,
    // The suite's webhook receiver lives on loopback, and its CORS test asks as any page would.
    set: ["webhooks.allow-private=loopback", "access.allow-origins=*"],
  })
  process.env.SERVER_URL = server.url
  return async () => {
    const code = await server.stop()
    rmSync(data, { recursive: true, force: true })
    if (code !== 0) throw new Error(`parley serve did not stop in order: ${code}\n${server.output()}`)
  }
}
