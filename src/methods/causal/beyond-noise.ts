import type { SentenceIntervals } from "./bootstrap.js";
import type { MetricName } from "./metric.js";

/** How many of many units have an interval that leaves out 0. */
export interface BeyondNoise {
  /** Units whose whole interval is above 0: without them the metric is worse. */
  readonly above: number;
  /** Units whose whole interval is below 0: without them the metric is better. */
  readonly below: number;
  /** As many as either would be by chance if no unit had any effect. */
  readonly chance: number;
  readonly units: number;
}

/**
 * Counts the intervals that leave out 0, and says how many would by chance.
 *
 * @returns null for `kl` and `representation`: any change at all is above 0 there
 */
export function beyondNoise(metric: MetricName, { level, low, high }: SentenceIntervals): BeyondNoise | null {
  if (metric === "kl" || metric === "representation") return null;
  const above = low.reduce((count, bound) => count + Number(bound > 0), 0);
  const below = high.reduce((count, bound) => count + Number(bound < 0), 0);
  return { above, below, chance: ((1 - level) / 2) * low.length, units: low.length };
}
