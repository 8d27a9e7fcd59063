import { defineConfig } from "vitest/config";
import { softwareGpu } from "./test/software-gpu.mjs";

/** Tests in test/data need models and corpora beside the clone: `npm run test:data` runs them, and only them. */
const data = "test/data/**/*.test.ts";
const all = "test/**/*.test.ts";
const onData = process.env.NEUROMETRY_TESTS === "data";

export default defineConfig({
  test: {
    include: [onData ? data : all],
    exclude: onData ? [] : [data],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { ...softwareGpu(import.meta.dirname), HF_HUB_OFFLINE: "1" },
  },
});
