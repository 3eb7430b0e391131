import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["*.test.mjs"],
    globalSetup: "./server.mjs",
    testTimeout: 60_000,
    hookTimeout: 120_000,
    fileParallelism: false, // two cores: one file at a time keeps timings honest
    reporters: ["default"],
  },
})
