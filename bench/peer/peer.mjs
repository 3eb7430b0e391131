// The npm reference server of Durable Streams, on files, as the peer that `./parley bench` measures beside us.
// node peer.mjs DATA_FOLDER  prints its address and serves until it is killed.
import { DurableStreamTestServer } from "@durable-streams/server"

const server = new DurableStreamTestServer({ port: 0, host: "127.0.0.1", dataDir: process.argv[2] })
console.log(await server.start())
