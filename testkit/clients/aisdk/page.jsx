// useChat as in the AI SDK's documentation. ?chat=ID names the chat, ?transport=durable|stopping another transport, ?tools lets tools be answered.
import { Chat, useChat } from "@ai-sdk/react"
import { createDurableChatTransport } from "@durable-streams/aisdk-transport"
import {
  DefaultChatTransport,
  isToolUIPart,
  lastAssistantMessageIsCompleteWithApprovalResponses,
  lastAssistantMessageIsCompleteWithToolCalls,
} from "ai"
import { useState } from "react"
import { createRoot } from "react-dom/client"
import { stopping } from "./stopping.mjs"

const query = new URLSearchParams(location.search)
const id = query.get("chat")
const kind = query.get("transport")
const transport =
  kind === "durable"
    ? createDurableChatTransport({ api: "/api/chat", headers: { accept: "application/json" } })
    : new DefaultChatTransport(kind === "stopping" ? { fetch: stopping() } : {})

const { messages } = await (await fetch(`/api/chat/${id}/messages`)).json()
window.asked = 0 // how often the page was asked where it is
const options = {
  id,
  messages,
  transport,
  onData: (part) => (window.data ??= []).push(part),
  onToolCall({ toolCall }) {
    if (toolCall.toolName !== "where") return
    window.asked++
    window.chat.addToolOutput({ tool: "where", toolCallId: toolCall.toolCallId, output: "Bonn" })
  },
  sendAutomaticallyWhen: (it) =>
    lastAssistantMessageIsCompleteWithToolCalls(it) || lastAssistantMessageIsCompleteWithApprovalResponses(it),
}
const outside = kind === "stopping" ? { chat: new Chat(options) } : options

function Messages() {
  const chat = useChat({ ...outside, resume: true })
  window.chat = chat
  const [text, setText] = useState("")
  return (
    <main data-status={chat.status}>
      {chat.error && <p id="error">{chat.error.message}</p>}
      {chat.messages.map((message) => (
        <article key={message.id} data-role={message.role} data-ai={message.metadata?.ai} data-state={message.metadata?.state}>
          {message.parts.map((part, i) =>
            part.type === "text" ? (
              <p key={i}>{part.text}</p>
            ) : isToolUIPart(part) ? (
              <section key={i} data-tool={part.state}>
                {part.state === "approval-requested" && (
                  <>
                    <button className="yes" onClick={() => chat.addToolApprovalResponse({ id: part.approval.id, approved: true })}>yes</button>
                    <button className="no" onClick={() => chat.addToolApprovalResponse({ id: part.approval.id, approved: false, reason: "no" })}>no</button>
                  </>
                )}
                {part.output && <code>{JSON.stringify(part.output)}</code>}
              </section>
            ) : null,
          )}
        </article>
      ))}
      <form onSubmit={(event) => (event.preventDefault(), chat.sendMessage({ text }), setText(""))}>
        <input value={text} onChange={(event) => setText(event.target.value)} />
      </form>
      <button id="detach" onClick={() => chat.stop()}>stop()</button>
      <button id="stop" onClick={() => fetch(`/api/chat/${id}/stop`, { method: "POST" })}>stop</button>
      <button id="again" onClick={() => chat.regenerate()}>again</button>
    </main>
  )
}

function App() {
  const [shown, show] = useState(true)
  return (
    <>
      <button id="hide" onClick={() => show(!shown)}>hide</button>
      {shown && <Messages />}
    </>
  )
}

createRoot(document.getElementById("root")).render(<App />)
