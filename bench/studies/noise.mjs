import { join } from "node:path";
import { root } from "./program.mjs";

const { beyondNoise } = await import(join(root, "dist/methods/causal/beyond-noise.js"));

/** How many units of a sweep have an interval that leaves out 0, and how many would by chance; null where all would. */
export function beyondNoiseOf({ metric, intervals: { level, low, high } }) {
  return beyondNoise(metric, { level, low: Float64Array.from(low), high: Float64Array.from(high) });
}
