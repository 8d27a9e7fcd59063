import { describe, expect, test } from "vitest";
import { pack, packedElements } from "../../src/kernels/pack.js";
import { devices } from "../devices.js";
import { pack as reference } from "../reference/pack.js";

describe.each(devices)("pack on %s", (_, open) => {
  test("turns one row per output into one row of 32 outputs per input", async () => {
    await using device = await open();
    const got = await pack(device, Float32Array.of(1, 2, 3, 4), { inner: 2, columns: 2, layout: "columns × inner" });
    expect([...got.slice(0, 3), ...got.slice(32, 35)]).toEqual([1, 3, 0, 2, 4, 0]);
  });

  test.each([
    [0, 5],
    [5, 0],
    [1, 1],
    [7, 31],
    [385, 33],
    [800, 97],
  ])("matches the definition for %i × %i in both layouts", async (inner, columns) => {
    await using device = await open();
    const weight = Float32Array.from({ length: inner * columns }, (_, i) => i + 1);
    const linear = await pack(device, weight, { inner, columns, layout: "columns × inner" });
    expect([...linear]).toEqual(reference((k, column) => weight[column * inner + k]!, inner, columns));
    const conv = await pack(device, weight, { inner, columns, layout: "inner × columns" });
    expect([...conv]).toEqual(reference((k, column) => weight[k * columns + column]!, inner, columns));
    expect(conv.length).toBe(packedElements(inner, columns));
  });

  test("refuses a weight of another size", async () => {
    await using device = await open();
    await expect(
      pack(device, new Float32Array(3), { inner: 2, columns: 2, layout: "columns × inner" }),
    ).rejects.toThrow("Expected 2 × 2 values for weight but received 3");
  });
});
