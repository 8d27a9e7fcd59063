import type { Site } from "../../core/sites.js";

/** How many neurons of every site have an average precision above each of some thresholds. */
export interface ExpertCounts {
  readonly thresholds: readonly number[];
  readonly values: readonly {
    /** A value of the concept. */
    readonly value: string;
    readonly sites: readonly { readonly site: string; readonly counts: readonly number[] }[];
  }[];
}

/** .1, .2 … .9, .95, .99 */
const thresholds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

/** @param scores columns × classes */
export function countExperts(sites: readonly Site[], classes: readonly string[], scores: Float64Array): ExpertCounts {
  const values = classes.map((value, label) => ({
    value,
    sites: sites.map(({ name, offset, width }) => {
      const counts = thresholds.map(() => 0);
      for (let column = offset; column < offset + width; column++) {
        const score = scores[column * classes.length + label]!;
        thresholds.forEach((threshold, i) => {
          if (score > threshold) counts[i]!++;
        });
      }
      return { site: name, counts };
    }),
  }));
  return { thresholds, values };
}
