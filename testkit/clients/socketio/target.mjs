// The server under test. `./parley example PROGRAM --port N`, or with PEER=socket.io the official server, which serves the same programs.
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { onTestFinished, test } from "vitest"

const here = import.meta.dirname
export const official = process.env.PEER === "socket.io"
const command = official ? [process.execPath, join(here, "reference.mjs")] : [resolve(here, "../../../parley"), "example"]

/** What Parley promises beyond the official server: there, the test has to fail. */
export const beyondOfficial = official ? test.fails : test

/** Starts one of the programs of README.md; resolves once it listens. The caller stops it. */
export async function start(program, args = [], port) {
  port ??= await freePort()
  const [file, ...before] = command
  const child = spawn(file, [...before, program, "--port", String(port), ...args], { stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  child.stdout.on("data", (chunk) => (output += chunk))
  child.stderr.on("data", (chunk) => (output += chunk))
  const ended = new Promise((done) => child.once("exit", (code, signal) => done(code ?? signal)))
  while (!(await listens(port))) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${[...command, program].join(" ")} ended with ${await ended}:\n${output}`)
    }
    await new Promise((again) => setTimeout(again, 20))
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    output: () => output,
    stop(signal = "SIGTERM") {
      child.kill(signal)
      return ended
    },
  }
}

/** A folder that goes with the test. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), "parley-socketio-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })
}

function listens(port) {
  return new Promise((done) => {
    const probe = connect(port, "127.0.0.1")
    probe.once("connect", () => (probe.destroy(), done(true)))
    probe.once("error", () => done(false))
  })
}
