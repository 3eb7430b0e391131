import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    fileParallelism: false, // two cores: one file at a time keeps timings honest
    reporters: ["default"],
    projects: [
      {
        test: {
          name: "server",
          include: ["*.test.mjs"],
          globalSetup: "./server.mjs",
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "openai",
          include: ["openai/*.test.mjs"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "aisdk",
          include: ["aisdk/*.test.mjs"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "talk",
          include: ["talk/*.test.mjs"],
          testTimeout: 30_000,
          hookTimeout: 120_000, // a first start builds
        },
      },
      {
        test: {
          name: "socketio",
          include: ["socketio/*.test.mjs"],
          testTimeout: 30_000,
          hookTimeout: 120_000, // a first start builds
        },
      },
    ],
  },
})
