import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { pack } from "../../src/kernels/pack.js";
import { weightRows as run } from "../../src/kernels/weight-rows.js";
import { devices } from "../devices.js";
import { randomFloats, randomIntegers } from "../floats.js";
import { weightRows as reference } from "../reference/weight-rows.js";

describe.each(devices)("weight rows on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("takes what an input writes to every output", async () => {
    const b = Float32Array.of(1, 2, 3, 4, 5, 6); // two outputs of three inputs
    expect([...(await run(device, { inner: 3, columns: 2, b, index: Uint32Array.of(2, 0, 2) }))]).toEqual([3, 6, 1, 4, 3, 6]); // biome-ignore format: one line
  });

  test.each([
    [0, 3, 2],
    [1, 1, 1],
    [5, 385, 33],
    [300, 31, 67],
  ])(
    "matches the definition for %i of %i inputs to %i outputs, however the weights lie",
    async (rows, inner, columns) => {
      const plain = randomFloats(inner * columns, 1);
      const index = randomIntegers(rows, inner, 2);
      const truth = reference(index, columns, (k, column) => plain[column * inner + k]!);
      const turned = plain.map((_, at) => plain[(at % columns) * inner + Math.floor(at / columns)]!);
      const packed = await pack(device, plain, { inner, columns, layout: "columns × inner" });
      const layouts = { "columns × inner": plain, "inner × columns": turned, packed } as const;
      for (const layout of ["columns × inner", "inner × columns", "packed"] as const) {
        expect([...(await run(device, { inner, columns, b: layouts[layout], layout, index }))]).toEqual(truth);
      }
    },
  );

  test("refuses an input that is not there", async () => {
    const input = { inner: 2, columns: 1, b: new Float32Array(2), index: Uint32Array.of(2) };
    await expect(run(device, input)).rejects.toThrow("Expected numbers below 2 for index but received 2");
  });
});
