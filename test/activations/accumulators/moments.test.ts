import { describe, expect, it } from "vitest";
import { accumulate } from "../../../src/activations/accumulate.js";
import { moments } from "../../../src/activations/accumulators/moments.js";
import type { ColumnMoments } from "../../../src/kernels/moment-sums.js";
import { devices } from "../../devices.js";
import { randomNormals } from "../../random.js";
import { columnsOf, momentsOfColumn } from "../../reference/moments.js";
import { sourceOf } from "../in-memory.js";

const sites = [{ name: "layers.0.residual", width: 5, offset: 0 }];
const rows = 1100;
/** Columns of mean 0, 50, … 200, each with a bend in it so that skewness and kurtosis are not 0. */
const values = randomNormals(rows * 5, 1).map((value, i) => (i % 5) * 50 + value + value * value * 0.3);

function expectMoments(found: ColumnMoments): void {
  columnsOf(values, 5).forEach((column, i) => {
    const expected = momentsOfColumn(column);
    expect(found.mean[i]).toBeCloseTo(expected.mean, 4);
    expect(found.variance[i]).toBeCloseTo(expected.variance, 4);
    expect(found.skewness[i]).toBeCloseTo(expected.skewness, 3);
    expect(found.kurtosis[i]).toBeCloseTo(expected.kurtosis, 3);
    expect([found.minimum[i], found.maximum[i]]).toEqual([Math.min(...column), Math.max(...column)]);
    expect(found.above[i]).toBe(column.filter((value) => value > 100).length);
    expect(found.below[i]).toBe(column.filter((value) => value < 0).length);
  });
}

describe.each(devices)("moments of a stream on %s", (_, open) => {
  it("are those of all rows, in blocks of any size", async () => {
    await using device = await open();
    for (const blockRows of [101, 333, rows]) {
      const found = await accumulate(sourceOf(values, sites), device, moments({ high: 100 }), { blockRows });
      expect(found.rows).toBe(rows);
      expectMoments(found);
    }
  });

  it("merge from parts that saw different rows", async () => {
    await using device = await open();
    const make = moments({ high: 100 });
    const shape = { rows, columns: 5, blockRows: 600 };
    using first = make(device, shape);
    using second = make(device, shape);
    using empty = make(device, shape);
    using front = device.upload(values.subarray(0, 500 * 5));
    using back = device.upload(values.subarray(500 * 5));
    await first.add({ firstRow: 0, rows: 500, buffer: front, values: null });
    await second.add({ firstRow: 500, rows: 600, buffer: back, values: null });
    await first.merge(second);
    await empty.merge(first);
    expectMoments(await empty.finish());
  });
});
