// npm socket.io with its default settings, as the peer that `./parley bench` measures beside us.
// node socket.io.mjs PORT [--recovery]  serves until it is killed.
import { Server } from "socket.io"

const io = new Server({ connectionStateRecovery: process.argv.includes("--recovery") ? {} : undefined })
io.on("connection", (socket) => {
  socket.on("message", (...args) => socket.emit("message-back", ...args))
  socket.on("message-with-ack", (...args) => args.pop()(...args))
  socket.on("join", (room) => socket.join(room))
  socket.on("publish", (room, payload) => io.to(room).emit("message", payload))
})
io.listen(Number(process.argv[2]))
