// The published Durable Streams conformance suite, subscription group included.
import { runConformanceTests } from "@durable-streams/server-conformance-tests"

runConformanceTests({ baseUrl: process.env.SERVER_URL, longPollTimeoutMs: 5_000, subscriptions: true })
