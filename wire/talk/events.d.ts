// The events of the namespace /conversations, for npm socket.io-client:
//
//   import { io, type Socket } from "socket.io-client"
//   import type { ClientToServerEvents, ServerToClientEvents } from "./events"
//   const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io("http://localhost:8080/conversations", { auth: { person: "ada" } })

/** Everything is answered, by what was asked for or by an error. */
export type Answer<T> = (answer: T | Refused) => void

export interface Refused {
  error: {
    /** As in REST: `bad_field`, `no_conversation`, `forbidden`, `run_ended`, … */
    code: string
    /** Of what a conversation refuses. */
    number?: number
    /** With what was expected. */
    message: string
    /** Whether the same can succeed later. */
    retry: boolean
  }
}

export type Done = Record<string, never>
export type Role = "reader" | "writer" | "owner"
export interface PersonaRef { id: string; version: number }
export type Author = { person: string } | { persona: PersonaRef } | { tool: string }

/** Parts of other kinds are kept and passed on. */
export type Part =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  | { type: "file"; name: string; mediaType: string; url: string }
  | { type: "tool-call"; id: string; name: string; arguments: string }
  | { type: "tool-result"; callId: string; result: string }
  | { type: string; [field: string]: unknown }

export interface Turn {
  turn: string
  author: Author
  /** True for all that a machine wrote. */
  ai?: boolean
  parts: Part[]
  run?: string
  clientMessageId?: string
  at: number
}

export interface Line {
  id: string
  title: string
  archived: boolean
  role: Role
  unread: number
  at: number
  lastTurn?: { branch: string; turn: string; author: Author; ai: boolean; preview: string; at: number }
}

export interface RunLine {
  run: string
  state: "queued" | "starting" | "streaming" | "waiting-for-tool"
  by: string
  persona?: PersonaRef
  position?: number
  waiting?: { turn: string; ai?: boolean; clientMessageId?: string; parts: Part[] }
  calls?: { id: string; name: string; approval: boolean }[]
}

/** A run that failed, was stopped or was cut short. */
export interface Ended {
  run: string
  state: "finished" | "stopped" | "failed"
  by: string
  persona?: PersonaRef
  /** The turn it ended behind. */
  after?: string
  /** Of one that failed or was cut short. */
  reason?: string
  message?: string
  retryable?: boolean
  stoppedBy?: string
}

export interface Snapshot {
  id: string
  title: string
  archived: boolean
  /** Who asks. */
  you?: string
  role?: Role
  members: Record<string, Role>
  personas: (PersonaRef & { name: string })[]
  branch: string
  branches: { id: string; source?: string; offset?: number; replaces?: string; by?: string; at?: number }[]
  persona?: PersonaRef
  /** Events follow after it. */
  offset: number
  readUpTo: number
  /** Whether there are turns before these. */
  earlier: boolean
  /** The newest, or those before the one that was named. */
  turns: Turn[]
  /** Runs that ended among these turns otherwise than by having said everything. */
  ended: Ended[]
  /** Those that have not ended. */
  runs: RunLine[]
}

/** A snapshot; without turns for who says what it has seen. */
export type Opened = Omit<Snapshot, "earlier" | "turns" | "ended"> & Partial<Snapshot>

/** What a command has made. */
export interface Accepted { turn?: string; run?: string; branch: string; offset: number }

export type OnBusy = "queue" | "replace" | "reject"

/** `text` or `parts`. `ai`: a machine wrote it on the person's behalf. Sent again with the same names it does nothing twice. */
export interface Message { text?: string; parts?: Part[]; clientMessageId?: string; ai?: boolean; turn?: string }
export interface Say extends Message { branch?: string; run?: string; reply?: boolean | { persona?: string; onBusy?: OnBusy } }

export interface RunStatus {
  run: string
  conversation: string
  branch: string
  ai: true
  state: string
  text: string
  reasoning: string
  calls: { id: string; name: string; arguments: string; approval?: boolean; result?: string }[]
  offset: number
  [field: string]: unknown
}

export interface Persona extends PersonaRef { name: string; model: string; voice?: string; [field: string]: unknown }

/** An event of a branch as it is stored: conversation/README.md has all types. */
export interface ConversationEvent { type: string; at: number; [field: string]: unknown }
export interface ConversationPlace { conversation: string; branch: string; offset: number }

/** What a run tells, in this order. */
export type RunEvent =
  | { run: string; conversation: string; branch: string; ai: true } // the first: what was shown of this run before is forgotten
  | { state: "queued"; position: number }
  | { state: "starting"; persona: PersonaRef; turn: string }
  | { text: string } // the next words
  | { reasoning: string }
  | { call: number; id: string; name: string }
  | { call: number; arguments: string }
  | { state: "waiting-for-tool"; calls: { id: string; name: string; approval?: true }[] }
  | { id: string; result: string; denied?: true }
  | { state: "finished"; reason: string; usage?: Usage } // the last, or one of these two
  | { state: "stopped"; by: string; usage?: Usage }
  | { state: "failed"; reason: string; message: string; retryable: boolean; retryAt?: number; usage?: Usage }
export interface Usage { input: number; cachedInput: number; output: number; estimated?: true }
export interface RunPlace { run: string; offset: number }

/** `not_member`: no more rights. `deleted`, `trimmed`: gone. `too_slow`, `failed`, `draining`: open it again. */
export type EndReason = "not_member" | "deleted" | "trimmed" | "too_slow" | "failed" | "draining"

export interface ServerToClientEvents {
  "conversation:event": (event: ConversationEvent, at: ConversationPlace) => void
  "conversation:presence": (presence: { conversation: string; people: string[] }) => void
  "conversation:typing": (typing: { conversation: string; person: string; typing: boolean }) => void
  "conversation:ended": (end: { conversation: string; branch: string; reason: EndReason }) => void
  "run:event": (event: RunEvent, at: RunPlace) => void
  "run:ended": (end: { conversation: string; branch: string; run: string; reason: EndReason }) => void
}

/** An object before the answer may be `{}`. */
export interface ClientToServerEvents {
  "conversation:list": (query: { archived?: boolean; limit?: number }, answer: Answer<{ you: string; conversations: Line[] }>) => void
  "conversation:create": (body: { id?: string; title?: string; persona?: string }, answer: Answer<Snapshot>) => void
  "conversation:get": (id: string, query: { branch?: string; before?: string; limit?: number }, answer: Answer<Snapshot>) => void
  "conversation:open": (id: string, from: { branch?: string; limit?: number; after?: number; runs?: Record<string, number> }, answer: Answer<Opened>) => void
  "conversation:leave": (id: string, query: { branch?: string }, answer: Answer<Done>) => void
  "conversation:change": (id: string, body: { title?: string; archived?: boolean; persona?: string; branch?: string }, answer: Answer<Snapshot>) => void
  "conversation:delete": (id: string, body: Done, answer: Answer<Done>) => void
  "conversation:typing": (id: string, body: { typing?: boolean }, answer: Answer<Done>) => void
  "conversation:read": (id: string, body: { offset: number; branch?: string }, answer: Answer<Done>) => void
  "conversation:warm": (id: string, body: { branch?: string; persona?: string }, answer: Answer<Done>) => void
  "member:set": (id: string, person: string, body: { role: Role }, answer: Answer<Done>) => void
  "member:remove": (id: string, person: string, answer: Answer<Done>) => void
  "turn:say": (id: string, body: Say, answer: Answer<Accepted>) => void
  "turn:edit": (id: string, turn: string, body: Say & { newBranch?: string }, answer: Answer<Accepted>) => void
  "turn:regenerate": (id: string, turn: string, body: { branch?: string; newBranch?: string; run?: string; persona?: string }, answer: Answer<Accepted>) => void
  "run:request": (id: string, body: { branch?: string; run?: string; persona?: string; onBusy?: OnBusy }, answer: Answer<Accepted>) => void
  "run:get": (run: string, body: Done, answer: Answer<RunStatus>) => void
  "run:open": (run: string, from: { after?: number }, answer: Answer<{ run: string; conversation: string; branch: string }>) => void
  "run:leave": (run: string, answer: Answer<Done>) => void
  "run:stop": (run: string, body: Done, answer: Answer<Accepted>) => void
  "run:steer": (run: string, body: Message, answer: Answer<Accepted>) => void
  "run:approve": (run: string, body: { call: string }, answer: Answer<Accepted>) => void
  "run:deny": (run: string, body: { call: string; reason?: string }, answer: Answer<Accepted>) => void
  "run:result": (run: string, body: { call: string; result: unknown }, answer: Answer<Accepted>) => void
  "persona:list": (answer: Answer<{ personas: Persona[]; default?: string }>) => void
}
