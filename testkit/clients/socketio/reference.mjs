// The three programs of README.md on the official server, to show that the suites are right: PEER=socket.io npm test.
import { createServer } from "node:http"
import { parseArgs } from "node:util"
import { Server as EngineServer } from "engine.io"
import { Server } from "socket.io"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: "string" },
    recovery: { type: "boolean" },
    data: { type: "string" }, // the official server forgets its sessions when it dies
    window: { type: "string", default: "120000" },
    middlewares: { type: "string", default: "skip" },
  },
})
const anywhere = { origin: "*" }
const official = { pingInterval: 300, pingTimeout: 200, maxPayload: 1_000_000, cors: anywhere }
const recovery = { maxDisconnectionDuration: Number(values.window), skipMiddlewares: values.middlewares === "skip" }
const http = createServer()

const programs = {
  conformance() {
    // With allowEIO3 it takes any version for 3; its suites ask that of one server, and of another that it refuses.
    const engines = [true, false].map((allowEIO3) => {
      const engine = new EngineServer({ ...official, allowEIO3 })
      return engine.on("connection", (session) => session.on("data", (data) => session.send(data)))
    })
    const isEngine = (request) => request.url.startsWith("/engine.io/")
    const engineOf = (request) => engines[request.url.includes("EIO=3") ? 0 : 1]
    http.on("request", (request, response) => isEngine(request) && engineOf(request).handleRequest(request, response))
    http.on("upgrade", (request, ...rest) => isEngine(request) && engineOf(request).handleUpgrade(request, ...rest))
    const io = new Server(http, { ...official, connectTimeout: 1000, destroyUpgrade: false })
    const connected = (socket) => {
      socket.emit("auth", socket.handshake.auth)
    }
    io.on("connection", connected)
    io.on("connection", echo)
    io.of("/custom").on("connection", connected)
  },

  echo() {
    const io = new Server(http, { allowEIO3: true, cors: anywhere, connectionStateRecovery: values.recovery ? recovery : undefined })
    io.on("connection", (socket) => {
      echo(socket)
      socket.on("join", (room, done) => (socket.join(room), done?.()))
      socket.on("leave", (room, done) => (socket.leave(room), done?.()))
      socket.on("publish", (room, payload, done) => (io.to(room).emit("message", payload), done?.()))
    })
  },

  lab() {
    const io = new Server(http, {
      pingInterval: 300, pingTimeout: 1000, allowEIO3: true, cors: anywhere, connectionStateRecovery: recovery,
    })
    for (const name of ["/", "/other"]) lab(io.of(name))
  },
}

function echo(socket) {
  socket.on("message", (...args) => socket.emit("message-back", ...args))
  socket.on("message-with-ack", (...args) => args.pop()(...args))
}

function lab(namespace) {
  namespace.use((socket, next) => {
    if (socket.handshake.auth.refuse) return next(Object.assign(new Error("refused"), { data: { code: 7 } }))
    socket.data.checks = (socket.data.checks ?? 0) + 1
    next()
  })
  namespace.on("connection", (socket) => {
    const on = (event, handler) =>
      socket.on(event, async (...args) => {
        const done = typeof args.at(-1) === "function" ? args.pop() : () => {}
        const answer = await handler(...args)
        answer === undefined ? done() : done(answer)
      })
    const joined = () => [...socket.rooms].filter((room) => room !== socket.id).sort()
    on("whoami", () => ({ id: socket.id, recovered: socket.recovered, rooms: joined(), data: socket.data }))
    on("present", async () => (await namespace.fetchSockets()).map((other) => other.id))
    on("remember", (value) => void (socket.data.value = value))
    on("join", (room) => void socket.join(room))
    on("leave", (room) => void socket.leave(room))
    on("say", (...args) => void socket.emit("message", ...args))
    on("publish", (room, payload) => void namespace.to(room).emit("message", payload))
    on("publish-all", (payload) => void namespace.emit("message", payload))
    on("publish-except", (room, except, payload) => void namespace.to(room).except(except).emit("message", payload))
    on("publish-volatile", (room, payload) => void namespace.to(room).volatile.emit("message", payload))
    on("publish-asking", (room, payload) => namespace.to(room).timeout(200).emitWithAck("question", payload).catch(() => "timed out"))
    on("ask", (payload) => socket.timeout(200).emitWithAck("question", payload).catch(() => "timed out"))
    on("expel", (id) => void namespace.in(id).disconnectSockets())
  })
}

programs[positionals[0]]()
http.listen(Number(values.port), "127.0.0.1")
