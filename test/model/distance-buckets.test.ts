import { describe, expect, it } from "vitest";
import { type BucketOptions, distanceBiases, distanceBucket } from "../../src/model/distance-buckets.js";
import { readFixture } from "../fixtures/read-json.js";

interface Case extends BucketOptions {
  /** Bucket and how many distances in a row have it, from −reach on. */
  readonly runs: readonly [bucket: number, distances: number][];
}

describe("T5's distance buckets", () => {
  it("are transformers', far beyond the maximum distance too", () => {
    const { reach, cases } = readFixture<{ reach: number; cases: Case[] }>("distance-buckets.json");
    for (const { runs, ...options } of cases) {
      const wanted = runs.flatMap(([bucket, distances]) => Array<number>(distances).fill(bucket));
      const found = Array.from({ length: 2 * reach + 1 }, (_, i) => distanceBucket(i - reach, options));
      expect(found, JSON.stringify(options)).toEqual(wanted);
    }
  });

  it("give each head its bias by distance", () => {
    const options = { buckets: 4, maximumDistance: 2, sides: "both" } as const; // 0, behind ≥ 1, 0 again, ahead ≥ 1
    const table = Float32Array.of(1, 10, 2, 20, 3, 30, 4, 40); // buckets × 2 heads
    expect([...distanceBiases(table, 2, options)]).toEqual([4, 4, 1, 2, 2, 40, 40, 10, 20, 20]);
  });
});
