import { describe, expect, it } from "vitest";
import { accumulate } from "../../../src/activations/accumulate.js";
import { classSums } from "../../../src/activations/accumulators/class-sums.js";
import { packBits } from "../../../src/core/bits.js";
import { random } from "../../../src/core/random.js";
import { devices } from "../../devices.js";
import { randomNormals } from "../../random.js";
import { sourceOf } from "../in-memory.js";

const sites = [{ name: "layers.0.residual", width: 5, offset: 0 }];
const rows = 67;
const values = randomNormals(rows * 5, 1);
const uniform = random(2);
const belongs = Array.from({ length: 4 }, (_, label) =>
  Array.from({ length: rows }, () => label < 3 && uniform() < 0.4),
);
const classes = packBits(belongs);
const counts = Uint32Array.from(belongs, (label) => label.filter(Boolean).length);
const sums = belongs.flatMap((label) =>
  [0, 1, 2, 3, 4].map((column) => label.reduce((sum, on, row) => sum + (on ? values[row * 5 + column]! : 0), 0)),
);

/** float32 pairs keep about 45 bits. */
function expectSums(got: Float64Array): void {
  const worst = got.reduce((most, sum, i) => Math.max(most, Math.abs(sum - sums[i]!)), 0);
  expect(got).toHaveLength(sums.length);
  expect(worst).toBeLessThan(1e-10);
}

describe.each(devices)("sums of classes on %s", (_, open) => {
  it("are those of their rows, in blocks of any size; an empty class has 0", async () => {
    await using device = await open();
    for (const blockRows of [1, 32, 67]) {
      const result = await accumulate(sourceOf(values, sites), device, classSums(classes), { blockRows });
      expect(result.counts).toEqual(counts);
      expectSums(result.sums);
      expect([...result.sums.subarray(15)]).toEqual([0, 0, 0, 0, 0]);
    }
  });

  it("merge from blocks in any order", async () => {
    await using device = await open();
    const make = classSums(classes);
    const shape = { rows, columns: 5, blockRows: 40 };
    using first = make(device, shape);
    using second = make(device, shape);
    using front = device.upload(values.subarray(0, 200));
    using back = device.upload(values.subarray(200));
    await first.add({ firstRow: 40, rows: 27, buffer: back, values: null });
    await second.add({ firstRow: 0, rows: 40, buffer: front, values: null });
    await first.merge(second);
    const result = await first.finish();
    expect(result.counts).toEqual(counts);
    expectSums(result.sums);
  });

  it("refuse classes of another number of rows", async () => {
    await using device = await open();
    const other = packBits([[true, false]]);
    await expect(accumulate(sourceOf(values, sites), device, classSums(other))).rejects.toThrow(
      "Expected 67 rows for classes but received 2",
    );
  });
});
