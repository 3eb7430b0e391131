// That npm socket.io-client takes the types of wire/talk, and that they refuse what is none; compiled by talk.test.mjs, never run.
import { io, type Socket } from "socket.io-client"
import type { ClientToServerEvents, ServerToClientEvents } from "../../../wire/talk/events.js"

const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io("/conversations", { auth: { person: "ada" } })

socket.on("conversation:event", (event, at) => void [event.type, at.conversation, at.branch, at.offset])
socket.on("run:event", (event, { run, offset }) => {
  if ("text" in event) void (event.text + run + offset)
})
socket.on("run:ended", ({ reason }) => void (reason === "not_member"))

socket.emit("turn:say", "plans", { text: "hi", reply: { onBusy: "replace" } }, (answer) => {
  if ("error" in answer) void answer.error.message
  else void (answer.branch + answer.offset)
})

export async function typed() {
  const opened = await socket.emitWithAck("conversation:open", "plans", { after: 7, runs: { r1: 12 } })
  if (!("error" in opened)) void opened.runs.map((run) => run.state)
  await socket.emitWithAck("run:approve", "r1", { call: "c1" })
  // @ts-expect-error there is no such event
  await socket.emitWithAck("conversation:fly", "plans")
  // @ts-expect-error nor such a policy
  await socket.emitWithAck("run:request", "plans", { onBusy: "shout" })
}
