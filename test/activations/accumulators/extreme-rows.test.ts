import { describe, expect, it } from "vitest";
import { accumulate } from "../../../src/activations/accumulate.js";
import { extremeRows } from "../../../src/activations/accumulators/extreme-rows.js";
import { random } from "../../../src/core/random.js";
import { openTestDevice } from "../../devices.js";
import { sourceOf } from "../in-memory.js";

const one = [{ name: "layers.0.residual", width: 1, offset: 0 }];
const seven = [{ name: "layers.0.residual", width: 7, offset: 0 }];

describe("extreme rows", () => {
  it("are the largest and the smallest, ties at the lower row", async () => {
    await using device = await openTestDevice("native");
    const source = sourceOf(Float32Array.of(3, -1, 5, 3, -1, 5, 3), one);
    const { largest, smallest } = await accumulate(source, device, extremeRows(3, one));
    expect(largest).toEqual([{ rows: Uint32Array.of(2, 5, 0), values: Float32Array.of(5, 5, 3) }]);
    expect(smallest).toEqual([{ rows: Uint32Array.of(1, 4, 0), values: Float32Array.of(-1, -1, 3) }]);
  });

  it("are all rows where there are fewer than asked for", async () => {
    await using device = await openTestDevice("native");
    const { largest } = await accumulate(sourceOf(Float32Array.of(1, 2), one), device, extremeRows(5, one));
    expect(largest).toEqual([{ rows: Uint32Array.of(1, 0), values: Float32Array.of(2, 1) }]);
  });

  it("agree with sorting, in blocks of any size, and merge from blocks in any order", async () => {
    await using device = await openTestDevice("native");
    const uniform = random(3);
    const values = Float32Array.from({ length: 101 * 7 }, () => Math.round(uniform() * 20) - 10);
    const byColumn = (sign: number) =>
      Array.from({ length: 7 }, (_, column) => {
        const rows = Array.from({ length: 101 }, (_, row) => row);
        rows.sort((a, b) => sign * (values[b * 7 + column]! - values[a * 7 + column]!) || a - b);
        const first = rows.slice(0, 10);
        return { rows: Uint32Array.from(first), values: Float32Array.from(first, (row) => values[row * 7 + column]!) };
      });
    const expected = { largest: byColumn(1), smallest: byColumn(-1) };
    for (const blockRows of [1, 32, 101]) {
      expect(await accumulate(sourceOf(values, seven), device, extremeRows(10, seven), { blockRows })).toEqual(
        expected,
      );
    }
    const shape = { rows: 101, columns: 7, blockRows: 51 };
    const make = extremeRows(10, seven);
    using first = make(device, shape);
    using second = make(device, shape);
    await second.add({ firstRow: 0, rows: 50, values: values.subarray(0, 350), buffer: null });
    await first.add({ firstRow: 50, rows: 51, values: values.subarray(350), buffer: null });
    await first.merge(second);
    expect(await first.finish()).toEqual(expected);
  });

  it("refuse NaN by its row and neuron, and a count that is none", async () => {
    await using device = await openTestDevice("native");
    const source = sourceOf(Float32Array.of(3, 1, NaN), one);
    await expect(accumulate(source, device, extremeRows(3, one))).rejects.toThrow(
      "Expected finite activations for row 2 of layers.0.residual:0 but received NaN",
    );
    expect(() => extremeRows(0, one)).toThrow("Expected a whole number from 1 on for count but received 0");
  });
});
