// A TCP proxy whose faults a test chooses: cut, half-open, slow, late, repeating itself, or deaf to WebSocket.
import { connect, createServer } from "node:net"
import { onTestFinished } from "vitest"

/** Listens on a port of its own and forwards to `port`; gone when the test is. */
export async function proxy(port) {
  const pairs = new Set()
  const never = () => false
  const faults = { pace: undefined, refuses: never, swallows: never, repeats: never, lateBy: () => 0 }

  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1")
    const pair = { near, far, frozen: false }
    pairs.add(pair)
    near.setNoDelay(true)
    far.setNoDelay(true)
    for (const [from, to] of [[near, far], [far, near]]) {
      const later = inOrder()
      from.on("error", () => pair.frozen || to.destroy())
      from.on("data", (bytes) => {
        if (from === near) {
          const sent = bytes.toString("latin1")
          if (faults.refuses(sent)) return near.destroy()
          if (faults.swallows(sent)) pair.frozen = true
          if (faults.repeats(sent)) pair.twin = twin(port)
          const wait = faults.lateBy(sent)
          if (wait > 0) later(() => new Promise((done) => setTimeout(done, wait)))
          pair.twin?.write(bytes)
        }
        pair.polls = from === near && bytes.toString("latin1", 0, 4) === "GET "
        if (!pair.frozen) later(() => write(to, bytes, () => faults.pace))
      })
      from.on("close", () => later(() => {
        pairs.delete(pair)
        pair.twin?.destroy()
        if (!pair.frozen) to.end()
      }))
    }
  })
  await new Promise((done) => server.listen(0, "127.0.0.1", done))
  onTestFinished(() => {
    server.close()
    for (const { near, far } of pairs) (near.destroy(), far.destroy())
  })

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Whether a GET has gone to the server that is not answered yet. */
    polls: () => [...pairs].some((pair) => pair.polls),
    /** Ends every connection there is, as a proxy that restarts does. */
    cut() {
      for (const { near, far } of pairs) (near.resetAndDestroy(), far.resetAndDestroy())
    },
    /** Nothing passes any more on the connections there are, and nobody is told. */
    freeze() {
      for (const pair of pairs) pair.frozen = true
    },
    /** At most `bytes` at a time from now on, one piece per `ms`. */
    slow(bytes, ms) {
      faults.pace = { bytes, ms }
    },
    /** Hangs up on a connection when a piece of what the client sends matches. */
    refuse(matches) {
      faults.refuses = matches
    },
    /** Sends all of a connection twice, over a second connection too, from where a piece of it matches. */
    repeat(matches) {
      faults.repeats = matches
    },
    /** Lets a piece of what the client sends wait for `lateBy(piece)` ms, and what follows it on its connection. */
    delay(lateBy) {
      faults.lateBy = lateBy
    },
    /** Freezes a connection when a piece of what the client sends matches. */
    swallow(matches) {
      faults.swallows = matches
    },
  }
}

/** A second connection, whose answers nobody hears. */
function twin(port) {
  return connect(port, "127.0.0.1").on("error", () => {}).resume()
}

/** Runs one task after the other. */
function inOrder() {
  let last = Promise.resolve()
  return (task) => {
    last = last.then(task)
  }
}

async function write(to, bytes, pace) {
  for (let at = 0; at < bytes.length; ) {
    const now = pace()
    const end = now ? at + now.bytes : bytes.length
    to.write(bytes.subarray(at, end))
    at = end
    if (now) await new Promise((done) => setTimeout(done, now.ms))
  }
}
