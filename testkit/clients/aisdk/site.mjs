// A page of useChat in front of the server of wire/aisdk's own tests.
import { createServer, request } from "node:http"
import { join } from "node:path"
import { build } from "esbuild"
import { freePort } from "../socketio/target.mjs"
import { startTestServer } from "../test-server.mjs"

const here = import.meta.dirname
const TOKENS_PER_SECOND = 30

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
  const args = [String(TOKENS_PER_SECOND), String(port)]
  const child = startTestServer("wire/aisdk", "dev.parley.wire.aisdk.ChatServer", args, ["ignore", "inherit", "inherit"])
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
