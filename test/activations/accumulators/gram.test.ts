import { describe, expect, it } from "vitest";
import { accumulate } from "../../../src/activations/accumulate.js";
import { gramSums } from "../../../src/activations/accumulators/gram.js";
import { type CentralSums, correlationOf } from "../../../src/kernels/central-sums.js";
import { devices } from "../../devices.js";
import { randomNormals } from "../../random.js";
import { columnsOf } from "../../reference/moments.js";
import { sourceOf } from "../in-memory.js";

const sites = [{ name: "layers.0.residual", width: 4, offset: 0 }];
const rows = 300;
/** Column 3 is constant, column 1 is column 0 turned round and far away. */
const values = randomNormals(rows * 4, 1);
for (let row = 0; row < rows; row++) {
  values[row * 4 + 1] = 100 - values[row * 4]!;
  values[row * 4 + 3] = 7;
}

function expectCorrelations(found: CentralSums): void {
  expect(found.count).toBe(rows);
  const columns = columnsOf(values, 4).map((column) => {
    const mean = column.reduce((sum, value) => sum + value, 0) / rows;
    const d = column.map((value) => value - mean);
    const size = Math.hypot(...d);
    return d.map((value) => (size === 0 ? 0 : value / size));
  });
  const expected = columns.flatMap((x) => columns.map((y) => x.reduce((sum, value, row) => sum + value * y[row]!, 0)));
  correlationOf(found).forEach((r, i) => {
    expect(r).toBeCloseTo(expected[i]!, 5);
  });
}

describe.each(devices)("the sums of products of a stream on %s", (_, open) => {
  it("give the correlations of all rows, in blocks of any size", async () => {
    await using device = await open();
    for (const blockRows of [37, rows]) {
      expectCorrelations(await accumulate(sourceOf(values, sites), device, gramSums(), { blockRows }));
    }
  });

  it("merge from parts that saw different rows", async () => {
    await using device = await open();
    const make = gramSums();
    const shape = { rows, columns: 4, blockRows: 200 };
    using first = make(device, shape);
    using second = make(device, shape);
    using empty = make(device, shape);
    using front = device.upload(values.subarray(0, 100 * 4));
    using back = device.upload(values.subarray(100 * 4));
    await first.add({ firstRow: 0, rows: 100, buffer: front, values: null });
    await second.add({ firstRow: 100, rows: 200, buffer: back, values: null });
    await first.merge(second);
    await empty.merge(first);
    expectCorrelations(await empty.finish());
  });
});
