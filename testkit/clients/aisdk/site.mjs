// A page of useChat in front of the server of wire/aisdk's own tests.
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { createServer, request } from "node:http"
import { join, resolve } from "node:path"
import { build } from "esbuild"
import { freePort } from "../socketio/target.mjs"

const here = import.meta.dirname
const module = resolve(here, "../../../wire/aisdk")
const TOKENS_PER_SECOND = 30

function start(port) {
  const file = join(module, "target/test.classpath")
  if (!existsSync(file)) throw new Error(`${file} is missing (expected: ./mvnw -pl wire/aisdk -am test-compile)`)
  const classpath = [join(module, "target/test-classes"), join(module, "target/classes"), readFileSync(file, "utf8").trim()].join(":")
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin/java") : "java"
  const command = ["-ea", "-cp", classpath, "dev.parley.wire.aisdk.ChatServer", String(TOKENS_PER_SECOND), String(port)]
  return spawn(java, command, { stdio: ["ignore", "inherit", "inherit"] })
}

/** Resolves once page and chats can be had at `url`. */
export async function site() {
  const bundle = await build({
    entryPoints: [join(here, "page.jsx")],
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  })
  const script = bundle.outputFiles[0].contents
  const port = await freePort()
  const child = start(port)
  const upstream = `http://127.0.0.1:${port}`
  while (!(await fetch(upstream).catch(() => undefined))) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    await new Promise((again) => setTimeout(again, 50))
  }
  const seen = [] // what pages asked for
  const web = createServer((asked, answer) => {
    if (asked.url.startsWith("/api/")) {
      const entry = `${asked.method} ${asked.url.replace(/\?.*/, "")}`
      const proxied = request(upstream + asked.url, { method: asked.method, headers: asked.headers }, (got) => {
        seen.push(`${entry} ${got.statusCode}`)
        answer.writeHead(got.statusCode, got.headers)
        got.pipe(answer)
        got.on("error", () => answer.destroy())
      })
      proxied.on("error", () => answer.destroy())
      answer.on("close", () => proxied.destroy())
      asked.pipe(proxied)
    } else if (asked.url === "/page.js") {
      answer.writeHead(200, { "content-type": "text/javascript" }).end(script)
    } else {
      answer.writeHead(200, { "content-type": "text/html" }).end('<!doctype html><div id="root"></div><script type="module" src="/page.js"></script>')
    }
  })
  await new Promise((done) => web.listen(0, "127.0.0.1", done))
  return {
    url: `http://127.0.0.1:${web.address().port}`,
    seen,
    /** The network fails for a moment. */
    cut: () => web.closeAllConnections(),
    stop() {
      web.closeAllConnections()
      web.close()
      child.kill()
    },
  }
}
