import { defineConfig } from "vitest/config"

// Files of the first group wait for pages and servers more than they work, and none minds what another does: two at a
// time. The others are about what happens when: one file at a time keeps their timings honest on two cores.
const together = { maxWorkers: 2, sequence: { groupOrder: 0 } }
const alone = { maxWorkers: 1, fileParallelism: false, sequence: { groupOrder: 1 } }

export default defineConfig({
  test: {
    reporters: ["default"],
    projects: [
      {
        test: {
          name: "server",
          ...together,
          include: ["*.test.mjs"],
          globalSetup: "./server.mjs",
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "openai",
          ...alone,
          include: ["openai/*.test.mjs"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "aisdk",
          ...alone,
          include: ["aisdk/*.test.mjs"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "talk",
          ...alone,
          include: ["talk/*.test.mjs"],
          testTimeout: 30_000,
          hookTimeout: 120_000, // a first start builds
        },
      },
      {
        test: {
          name: "socketio",
          ...alone,
          include: ["socketio/*.test.mjs"],
          testTimeout: 30_000,
          hookTimeout: 120_000, // a first start builds
        },
      },
    ],
  },
})
