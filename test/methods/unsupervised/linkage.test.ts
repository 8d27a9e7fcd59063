import { describe, expect, test } from "vitest";
import { random } from "../../../src/core/random.js";
import { averageLinkage, cutMerges } from "../../../src/methods/unsupervised/linkage.js";

/** Pair distances from a function of both things, the lower first. */
function distances(count: number, of: (i: number, j: number) => number) {
  const values = Float32Array.from({ length: count * count }, (_, k) => {
    const [i, j] = [Math.floor(k / count), k % count];
    return i === j ? 0 : of(Math.min(i, j), Math.max(i, j));
  });
  return { count, values };
}

/** Average linkage from the definition: merge the nearest two clusters, the lowest of equally near ones. */
function reference(count: number, of: (i: number, j: number) => number): number[] {
  const clusters = Array.from({ length: count }, (_, i) => [i]);
  const heights: number[] = [];
  const between = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, i) => sum + b.reduce((rest, j) => rest + of(Math.min(i, j), Math.max(i, j)), 0), 0) /
    (a.length * b.length);
  while (clusters.length > 1) {
    let [best, first, second] = [Infinity, 0, 0];
    for (let i = 0; i < clusters.length; i++) {
      for (let j = i + 1; j < clusters.length; j++) {
        const distance = between(clusters[i]!, clusters[j]!);
        if (distance < best) [best, first, second] = [distance, i, j];
      }
    }
    heights.push(best);
    clusters[first]!.push(...clusters[second]!);
    clusters.splice(second, 1);
  }
  return heights;
}

describe("average linkage", () => {
  test("merges the nearest first, by the mean distance of members", () => {
    const places = [0, 1, 10, 12];
    const merges = averageLinkage(distances(4, (i, j) => places[j]! - places[i]!));
    expect(merges).toEqual([
      { into: 0, other: 1, distance: 1 },
      { into: 2, other: 3, distance: 2 },
      { into: 0, other: 2, distance: 10.5 },
    ]);
    expect([...cutMerges(merges, 4, 2)]).toEqual([0, 0, 1, 1]);
    expect([...cutMerges(merges, 4, 1.99)]).toEqual([0, 0, 1, 2]);
    expect([...cutMerges(merges, 4, 10.5)]).toEqual([0, 0, 0, 0]);
  });

  test.each([0, 1])("has nothing to merge among %i things", (count) => {
    const merges = averageLinkage(distances(count, () => 0));
    expect(merges).toEqual([]);
    expect([...cutMerges(merges, count, 1)]).toEqual(Array(count).fill(0));
  });

  test.each([2, 3, 17, 60])("has the heights of the definition for %i things", (count) => {
    const next = random(count);
    const values = Float64Array.from({ length: count * count }, next);
    const of = (i: number, j: number) => values[i * count + j]!;
    const heights = averageLinkage(distances(count, of)).map(({ distance }) => distance);
    const expected = reference(count, of);
    heights.forEach((height, i) => {
      expect(height).toBeCloseTo(expected[i]!, 6);
    });
  });

  test("takes the lower of equally near things, and labels clusters by their lowest", () => {
    const merges = averageLinkage(distances(6, () => 1));
    expect(merges[0]).toEqual({ into: 0, other: 1, distance: 1 });
    expect(merges.every(({ distance }) => distance === 1)).toBe(true);
    expect([...cutMerges(averageLinkage(distances(6, (i, j) => (i % 3 === j % 3 ? 0 : 1))), 6, 0.5)]).toEqual([
      0, 1, 2, 0, 1, 2,
    ]);
  });
});
