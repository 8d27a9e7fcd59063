import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { layerNorm } from "../../src/kernels/layer-norm.js";
import { normShares as run } from "../../src/kernels/norm-shares.js";
import { rmsNorm } from "../../src/kernels/rms-norm.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { normShares as reference } from "../reference/norm-shares.js";

/** Sums of two rows of a basis each. */
function sums(rows: number, width: number) {
  const basis = randomFloats(7 * width, 1, 3).map((value) => value + 0.5);
  const [index, difference] = [randomIntegers(2 * rows, 7, 2), randomFloats(rows, 3)];
  const x = Float32Array.from({ length: rows * width }, (_, at) => {
    const [i, c] = [Math.floor(at / width), at % width];
    return basis[index[2 * i]! * width + c]! + difference[i]! * basis[index[2 * i + 1]! * width + c]!;
  });
  return { x, basis, index, difference };
}

describe.each(devices)("norm shares on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("are one and nothing where nothing is added", async () => {
    const basis = Float32Array.of(1, 3, 5, 9);
    const input = { x: basis.slice(0, 2), basis, index: Uint32Array.of(0, 1), difference: new Float32Array(1) };
    for (const norm of ["layer", "rms"] as const) expect([...(await run(device, { ...input, norm }))]).toEqual([1, 0]);
  });

  test.each([
    [0, 3],
    [1, 2],
    [33, 31],
    [5, 769],
  ])("match the definition for %i rows of %i", async (rows, width) => {
    const input = sums(rows, width);
    const { x, basis, index, difference } = input;
    for (const norm of ["layer", "rms"] as const) {
      const truth = reference(x, basis, index, difference, norm, 1e-5);
      expectClose(await run(device, { ...input, norm }), truth, { relative: 3e-6 });
    }
  });

  test("make the norm of a sum of the norms of its parts", async () => {
    const [rows, width] = [20, 48];
    const { x, basis, index, difference } = sums(rows, width);
    const weight = randomFloats(width, 4);
    for (const norm of ["layer", "rms"] as const) {
      const normed = (values: Float32Array) =>
        norm === "layer" ? layerNorm(device, { x: values, weight }, 1e-5) : rmsNorm(device, { x: values, weight }, { epsilon: 1e-5 }); // biome-ignore format: one line
      const [parts, whole] = [await normed(basis), await normed(x)];
      const shares = await run(device, { x, basis, index, difference, norm });
      const mixed = whole.map((_, at) => {
        const [i, c] = [Math.floor(at / width), at % width];
        return [0, 1].reduce((sum, term) => sum + shares[2 * i + term]! * parts[index[2 * i + term]! * width + c]!, 0);
      });
      expectClose(mixed, whole, { absolute: 3e-6, relative: 1e-5 });
    }
  });

  test("refuse a row that the basis lacks", async () => {
    const one = new Float32Array(1);
    const input = { x: one, basis: one, index: Uint32Array.of(0, 1), difference: one, norm: "rms" } as const;
    await expect(run(device, input)).rejects.toThrow("Expected rows below 1 for index but received 1");
  });
});
