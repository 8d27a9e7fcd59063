import { describe, expect, test } from "vitest";
import { groupByCorrelation, profileGroups } from "../../../src/methods/unsupervised/correlation-groups.js";
import { readFixture } from "../../fixtures/read-json.js";

const options = { threshold: 0.5, signed: false, seed: 0, representative: "typical" } as const;

/** Pearson correlations of the columns of rows × columns, 0 where one is constant. */
function correlate(rows: readonly (readonly number[])[]): Float64Array {
  const columns = rows[0]!.length;
  const centred = Array.from({ length: columns }, (_, c) => {
    const mean = rows.reduce((sum, row) => sum + row[c]!, 0) / rows.length;
    return rows.map((row) => row[c]! - mean);
  });
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const r = (a: readonly number[], b: readonly number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)) || 0;
  return Float64Array.from(centred.flatMap((a) => centred.map((b) => r(a, b))));
}

describe("groups of correlated columns", () => {
  test("hold columns that say the same, whatever their sign", () => {
    const r = Float64Array.of(1, 0.1, -0.9, 0.1, 1, 0, -0.9, 0, 1);
    const { labels, groups } = groupByCorrelation({ columns: 3, r }, options);
    expect([...labels]).toEqual([0, 1, 0]);
    expect(groups[0]?.members).toEqual([0, 2]);
    expect([0, 2]).toContain(groups[0]?.representative);
    const signed = groupByCorrelation({ columns: 3, r }, { ...options, signed: true });
    expect([...signed.labels]).toEqual([0, 1, 2]);
  });

  test("are represented by the member with the highest mean |r|", () => {
    const r = Float64Array.of(1, 0.7, 0.6, 0.7, 1, 0.9, 0.6, 0.9, 1);
    const { groups } = groupByCorrelation({ columns: 3, r }, options);
    expect(groups).toEqual([{ label: 0, members: [0, 1, 2], representative: 1 }]);
  });

  test("choose either of a pair, by the seed", () => {
    const pairs = 40;
    const r = Float64Array.from({ length: 4 * pairs * pairs }, (_, k) => {
      const [i, j] = [Math.floor(k / (2 * pairs)), k % (2 * pairs)];
      return i === j ? 1 : Math.floor(i / 2) === Math.floor(j / 2) ? 0.8 : 0;
    });
    const { groups } = groupByCorrelation({ columns: 2 * pairs, r }, options);
    const lower = groups.filter(({ members, representative }) => members[0] === representative).length;
    expect(lower).toBeGreaterThan(8);
    expect(lower).toBeLessThan(32);
    expect(groupByCorrelation({ columns: 2 * pairs, r }, options).groups).toEqual(groups);
  });

  test.each(["absolute", "signed"] as const)("are those of scipy's average linkage, %s", (name) => {
    const fixture = readFixture<{
      readonly x: readonly (readonly number[])[];
      readonly absolute: { readonly labels: Readonly<Record<string, readonly number[]>> };
      readonly signed: { readonly labels: Readonly<Record<string, readonly number[]>> };
    }>("methods/clusters.json");
    const r = correlate(fixture.x);
    for (const [threshold, expected] of Object.entries(fixture[name].labels)) {
      const { labels } = groupByCorrelation(
        { columns: 40, r },
        { ...options, signed: name === "signed", threshold: Number(threshold) },
      );
      const first = new Map<number, number>();
      for (const label of expected) if (!first.has(label)) first.set(label, first.size);
      expect([...labels]).toEqual(expected.map((label) => first.get(label)));
    }
  });

  test("are told apart into copies within a site and across sites", () => {
    const sites = [
      { name: "a", width: 3, offset: 0 },
      { name: "b", width: 2, offset: 3 },
    ];
    const groups = [
      { label: 0, members: [0, 1, 3], representative: 1 },
      { label: 1, members: [2], representative: 2 },
      { label: 2, members: [4], representative: 4 },
    ];
    expect(profileGroups(sites, groups)).toEqual({
      profile: [
        { site: "a", neurons: 3, grouped: 2, representatives: 2 },
        { site: "b", neurons: 2, grouped: 1, representatives: 1 },
      ],
      redundancy: { within: 1 / 5, across: 1 / 5 },
    });
  });
});
