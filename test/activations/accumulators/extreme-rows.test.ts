import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accumulate } from "../../../src/activations/accumulate.js";
import { extremeRows } from "../../../src/activations/accumulators/extreme-rows.js";
import { random } from "../../../src/core/random.js";
import type { Device } from "../../../src/device/device.js";
import { devices } from "../../devices.js";
import { extremeRows as reference } from "../../reference/extreme-rows.js";
import { sourceOf } from "../in-memory.js";

const one = [{ name: "layers.0.residual", width: 1, offset: 0 }];
const seven = [{ name: "layers.0.residual", width: 7, offset: 0 }];

describe.each(devices)("extreme rows of a source, on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  it("are the largest and the smallest, ties at the lower row", async () => {
    const source = sourceOf(Float32Array.of(3, -1, 5, 3, -1, 5, 3), one);
    const { largest, smallest } = await accumulate(source, device, extremeRows(3, one));
    expect(largest).toEqual([{ rows: Uint32Array.of(2, 5, 0), values: Float32Array.of(5, 5, 3) }]);
    expect(smallest).toEqual([{ rows: Uint32Array.of(1, 4, 0), values: Float32Array.of(-1, -1, 3) }]);
  });

  it("are all rows where there are fewer than asked for", async () => {
    const { largest } = await accumulate(sourceOf(Float32Array.of(1, 2), one), device, extremeRows(5, one));
    expect(largest).toEqual([{ rows: Uint32Array.of(1, 0), values: Float32Array.of(2, 1) }]);
  });

  it("agree with sorting, in blocks of any size, and merge from blocks in any order", async () => {
    const uniform = random(3);
    const values = Float32Array.from({ length: 101 * 7 }, () => Math.round(uniform() * 20) - 10);
    const expected = { largest: reference(values, 7, 10, 1), smallest: reference(values, 7, 10, -1) };
    for (const blockRows of [1, 32, 101]) {
      expect(await accumulate(sourceOf(values, seven), device, extremeRows(10, seven), { blockRows })).toEqual(
        expected,
      );
    }
    const shape = { rows: 101, columns: 7, blockRows: 51 };
    const make = extremeRows(10, seven);
    using first = make(device, shape);
    using second = make(device, shape);
    const add = async (to: typeof first, firstRow: number, rows: number) => {
      using buffer = device.upload(values.slice(firstRow * 7, (firstRow + rows) * 7));
      await to.add({ firstRow, rows, values: null, buffer });
    };
    await add(second, 0, 20);
    await add(first, 50, 51);
    await add(first, 20, 30); // behind the later rows, whose ties it wins
    await first.merge(second);
    expect(await first.finish()).toEqual(expected);
  });

  it("refuse NaN by its row and neuron, and a count that is none", async () => {
    const source = sourceOf(Float32Array.of(3, 1, NaN), one);
    await expect(accumulate(source, device, extremeRows(3, one))).rejects.toThrow(
      "Expected finite activations for row 2 of layers.0.residual:0 but received NaN",
    );
    expect(() => extremeRows(0, one)).toThrow("Expected a whole number from 1 on for count but received 0");
  });
});
