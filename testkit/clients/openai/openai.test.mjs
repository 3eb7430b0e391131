// npm openai, unchanged: chat completions and responses, streamed and not, cancelled, gone on with, and its errors.
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from "openai"
import { afterAll, beforeAll, expect, test } from "vitest"
import { start } from "./target.mjs"

let server
let client
beforeAll(async () => {
  server = await start()
  client = new OpenAI({ baseURL: server.url, apiKey: "ada", maxRetries: 0 })
})
afterAll(() => server?.stop())

const user = (content) => [{ role: "user", content }]
const weather = { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } }

async function all(events) {
  const came = []
  for await (const event of events) came.push(event)
  return came
}

const textOf = (events) => events.filter((e) => e.type === "response.output_text.delta").map((e) => e.delta).join("")

test("a chat completion", async () => {
  const completion = await client.chat.completions.create({ model: "fast", messages: user("hello") })
  expect(completion.choices[0].message.content).toBe("You said: hello")
  expect(completion.choices[0].finish_reason).toBe("stop")
  expect(completion.usage.total_tokens).toBeGreaterThan(0)
})

test("a chat completion, streamed, with usage", async () => {
  const stream = await client.chat.completions.create({
    model: "fast", messages: user("hello"), stream: true, stream_options: { include_usage: true },
  })
  const chunks = await all(stream)
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("You said: hello")
  expect(chunks.at(-1).usage.completion_tokens).toBeGreaterThan(0)
})

test("the stream helper of chat completions comes to the same", async () => {
  const stream = client.chat.completions.stream({ model: "slow", messages: user("count to 12") })
  expect(await stream.finalContent()).toBe("1 2 3 4 5 6 7 8 9 10 11 12")
})

test("runTools calls the client's function and goes on with its result", async () => {
  const asked = []
  const runner = client.chat.completions.runTools({
    model: "fast",
    messages: user("call"),
    tools: [{
      type: "function",
      function: { ...weather, description: "The weather.", parse: JSON.parse, function: ({ city }) => (asked.push(city), "rain") },
    }],
  })
  expect(await runner.finalContent()).toBe("The tool says rain.")
  expect(asked).toEqual(["Oslo"])
})

test("a streamed call of a tool comes whole", async () => {
  const stream = client.chat.completions.stream({
    model: "fast", messages: user("call"), tools: [{ type: "function", function: weather }],
  })
  const { choices } = await stream.finalChatCompletion()
  expect(choices[0].finish_reason).toBe("tool_calls")
  expect(choices[0].message.tool_calls[0].function).toMatchObject({ name: "get_weather", arguments: '{"city":"Oslo"}' })
})

test("a response, and the one after it", async () => {
  const first = await client.responses.create({ model: "fast", input: "one", instructions: "Be brief." })
  expect(first.output_text).toBe("You said: one")
  const second = await client.responses.create({ model: "fast", input: "two", previous_response_id: first.id })
  expect(second.output_text).toBe("You said: two")
  expect(second.previous_response_id).toBe(first.id)
  expect(second.conversation.id).toBe(first.conversation.id)
})

test("a response, streamed: every event in its place", async () => {
  const events = await all(await client.responses.create({ model: "fast", input: "think", stream: true }))
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, i) => i))
  const types = events.map((event) => event.type).filter((type, i, list) => type !== list[i - 1])
  expect(types).toEqual([
    "response.created", "response.in_progress",
    "response.output_item.added", "response.content_part.added",
    "response.reasoning_text.delta", "response.reasoning_text.done", "response.content_part.done", "response.output_item.done",
    "response.output_item.added", "response.content_part.added",
    "response.output_text.delta", "response.output_text.done", "response.content_part.done", "response.output_item.done",
    "response.completed",
  ])
  expect(textOf(events)).toBe("Here it is.")
})

test("the stream helper of responses comes to the same, and replays a response by its id", async () => {
  const made = await client.responses.stream({ model: "slow", input: "count to 12" }).finalResponse()
  expect(made.output_text).toBe("1 2 3 4 5 6 7 8 9 10 11 12")
  const replayed = await client.responses.stream({ response_id: made.id, starting_after: 5 }).finalResponse()
  expect(replayed.output_text).toBe(made.output_text)
})

test("a function of a response is called by the client", async () => {
  const tools = [{ type: "function", strict: false, ...weather }]
  const first = await client.responses.stream({ model: "fast", input: "call", tools }).finalResponse()
  const call = first.output[0]
  expect(call).toMatchObject({ type: "function_call", name: "get_weather", arguments: '{"city":"Oslo"}' })
  const second = await client.responses.create({
    model: "fast", tools, previous_response_id: first.id,
    input: [{ type: "function_call_output", call_id: call.call_id, output: "rain" }],
  })
  expect(second.output_text).toBe("The tool says rain.")
})

test("in the background: there at once, polled, cancelled", async () => {
  const made = await client.responses.create({ model: "slow", input: "count to 2000", background: true })
  expect(["queued", "in_progress"]).toContain(made.status)
  expect((await client.responses.cancel(made.id)).status).toBe("cancelled")
  expect((await client.responses.retrieve(made.id)).status).toBe("cancelled")
})

test("a stream that was left is gone on with after any event, also after the server died", async () => {
  const left = []
  const stream = await client.responses.create({ model: "slow", input: "count to 60", background: true, stream: true })
  for await (const event of stream) {
    left.push(event)
    if (left.length === 12) break
  }
  const { id } = left[0].response
  await server.restart()
  const rest = await all(await client.responses.retrieve(id, { stream: true, starting_after: left.at(-1).sequence_number }))
  const events = [...left, ...rest]
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, i) => i))
  expect(textOf(events)).toBe(Array.from({ length: 60 }, (_, i) => i + 1).join(" "))
  expect(events.at(-1).type).toBe("response.completed")
})

test("a deleted response is gone", async () => {
  const made = await client.responses.create({ model: "fast", input: "hello" })
  await client.responses.delete(made.id)
  await expect(client.responses.retrieve(made.id)).rejects.toBeInstanceOf(NotFoundError)
})

test("personas are models", async () => {
  const ids = []
  for await (const model of client.models.list()) ids.push(model.id)
  expect(ids).toEqual(["fast", "slow"])
  expect((await client.models.retrieve("slow")).owned_by).toBe("parley")
})

test("errors are those of the client", async () => {
  await expect(client.withOptions({ apiKey: "wrong" }).models.list()).rejects.toBeInstanceOf(AuthenticationError)
  await expect(client.responses.create({ model: "nobody", input: "hello" })).rejects.toMatchObject({ status: 404, code: "model_not_found", param: "model" })
  await expect(client.chat.completions.create({ model: "fast", messages: user("limit") })).rejects.toBeInstanceOf(RateLimitError)
  await expect(client.chat.completions.create({ model: "fast", messages: user("limit"), stream: true })).rejects.toBeInstanceOf(RateLimitError)
  await expect(client.responses.create({ model: "fast", input: [] })).rejects.toBeInstanceOf(BadRequestError)
  const breaking = await client.chat.completions.create({ model: "fast", messages: user("break"), stream: true })
  await expect(all(breaking)).rejects.toMatchObject({ message: expect.stringContaining("no more") })
})
