import { describe, expect, test } from "vitest";
import { accumulate } from "../../../src/activations/accumulate.js";
import { valueDistributions } from "../../../src/activations/accumulators/value-distributions.js";
import { describeDistribution, quantileShares, quantilesOf } from "../../../src/methods/corpus/distribution.js";
import { arraySource } from "../../array-source.js";
import { openTestDevice } from "../../devices.js";
import { randomNormals } from "../../random.js";

const sites = [{ name: "activations", width: 3, offset: 0 }];
/** Normal; of many magnitudes, both signs and zeros; constant. */
const x = randomNormals(1009 * 3, 4).map((value, i) => {
  if (i % 3 === 2) return -0.3;
  return i % 3 === 0 ? value : i % 7 === 0 ? 0 : Math.sign(value) * Math.exp(5 * value);
});
const sorted = (column: number) => x.filter((_, i) => i % 3 === column).sort();

/** numpy's linear quantile. */
function quantile(values: Float32Array, share: number): number {
  const place = share * (values.length - 1);
  const [low, high] = [values[Math.floor(place)]!, values[Math.ceil(place)]!];
  return low + (high - low) * (place % 1);
}

async function distributions(most?: number) {
  await using device = await openTestDevice("native");
  return await accumulate(arraySource(x, 3), device, valueDistributions(sites, most));
}

describe("distributions of values", () => {
  test("are exact where the values fit", async () => {
    const found = await distributions();
    expect(found.relativeError).toBe(0);
    for (const column of [0, 1, 2]) {
      const wanted = quantileShares.map((share) => quantile(sorted(column), share));
      expect(quantilesOf(found.column(column), quantileShares)).toEqual(wanted);
    }
    const { histogram } = describeDistribution({ values: Float32Array.of(0, 1, 2, 4), counts: Uint32Array.of(1, 2, 1, 3) }, 4); // biome-ignore format: one line
    expect(histogram).toEqual([1, 2, 1, 3]);
    expect(describeDistribution(found.column(2), 5).histogram).toEqual([1009, 0, 0, 0, 0]);
  });

  test("are within their bound where they do not, the extremes exact", async () => {
    const found = await distributions(0);
    expect(found.relativeError).toBe(2 ** -8);
    for (const column of [0, 1, 2]) {
      const values = sorted(column);
      const shares = Array.from({ length: 101 }, (_, i) => i / 100);
      quantilesOf(found.column(column), shares).forEach((got, i) => {
        const place = shares[i]! * 1008;
        const size = Math.max(Math.abs(values[Math.floor(place)]!), Math.abs(values[Math.ceil(place)]!));
        expect(Math.abs(got - quantile(values, shares[i]!))).toBeLessThanOrEqual(size / 256 + 1e-12);
      });
      expect(quantilesOf(found.column(column), [0, 1])).toEqual([values[0], values[1008]]);
      expect(found.column(column).counts.reduce((sum, count) => sum + count, 0)).toBe(1009);
    }
  });

  test.each([2 ** 30, 0])("merge as if one had seen all rows (%i bytes kept)", async (most) => {
    await using device = await openTestDevice("native");
    const shape = { columns: 3, rows: 1009, blockRows: 1009 };
    const [first, second] = [0, 1].map(() => valueDistributions(sites, most)(device, shape));
    const add = (into: typeof first, from: number, to: number) =>
      into!.add({ firstRow: from, rows: to - from, buffer: null, values: x.slice(3 * from, 3 * to) });
    await add(second, 400, 1009);
    await add(first, 0, 400);
    await first!.merge(second!);
    const [merged, whole] = [await first!.finish(), await distributions(most)];
    for (const column of [0, 1, 2]) expect(merged.column(column)).toEqual(whole.column(column));
  });

  test("of one row are that row, and a NaN is named", async () => {
    await using device = await openTestDevice("native");
    const one = await accumulate(arraySource(Float32Array.of(3), 1), device, valueDistributions(sites, 0));
    expect(quantilesOf(one.column(0), [0, 0.5, 1])).toEqual([3, 3, 3]);
    const wrong = arraySource(Float32Array.of(3, Number.NaN, 1), 3);
    await expect(accumulate(wrong, device, valueDistributions(sites))).rejects.toThrow("row 0 of activations:1");
  });
});
