import { defineConfig } from "vitest/config";
import { softwareGpu } from "./test/software-gpu.mjs";

/** Tests in test/data need models and corpora beside the clone: `npm run test:data` runs them, and only them. */
const data = "test/data/**/*.test.ts";
const all = "test/**/*.test.ts";
const onData = process.env.NEUROMETRY_TESTS === "data";

/** What takes longer hangs. A busy machine, with a software GPU, may need many times what a quiet one does. */
const longest = 600_000;

export default defineConfig({
  test: {
    include: [onData ? data : all],
    exclude: onData ? [] : [data],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: longest,
    hookTimeout: longest,
    env: { ...softwareGpu(import.meta.dirname), HF_HUB_OFFLINE: "1" },
  },
});
