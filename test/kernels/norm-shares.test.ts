import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { layerNorm } from "../../src/kernels/layer-norm.js";
import { normParts } from "../../src/kernels/norm-parts.js";
import { normShares as run } from "../../src/kernels/norm-shares.js";
import { rmsNorm } from "../../src/kernels/rms-norm.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats } from "../floats.js";
import { normShares as reference } from "../reference/norm-shares.js";

describe.each(devices)("norm shares on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("divide by the spread of a row", async () => {
    const [x, before] = [Float32Array.of(1, 7, 1, 1), Float32Array.of(6, 3, 1, 0)];
    expect([...(await run(device, { x, width: 2, before, norm: "layer" }, 0))].slice(0, 2)).toEqual([2, 1]);
    expect([...(await run(device, { x, width: 2, before, norm: "rms" }, 0))]).toEqual(
      [6 / 5, 3 / 5, 1, 0].map(Math.fround),
    );
    expect([...(await run(device, { x, width: 2, norm: "rms" }, 0))]).toEqual([0.2, 1].map(Math.fround));
    const [one, sums] = [Float32Array.of(3, 4), { x, width: 2, norm: "rms", terms: 2 } as const];
    expect([...(await run(device, { ...sums, before: one }, 0))]).toEqual([3 / 5, 1 / 5, 4, 1].map(Math.fround));
  });

  test.each([
    [0, 3, 2],
    [1, 2, 3],
    [33, 31, 2],
    [5, 769, 1],
  ])("match the definition for %i rows of %i and %i terms", async (rows, width, terms) => {
    const x = randomFloats(rows * width, 1, 3).map((value) => value + 0.5);
    const before = randomFloats(rows * terms, 2);
    for (const norm of ["layer", "rms"] as const) {
      const truth = reference(x, width, before, norm, 1e-5);
      expectClose(await run(device, { x, width, before, norm }), truth, { relative: 3e-6 });
    }
  });

  test("make the norm of a weighted sum of what is linear in the norms of its terms", async () => {
    const [rows, width, terms] = [20, 48, 3];
    const [parts, before, weight] = [randomFloats(rows * terms * width, 1, 3), randomFloats(rows * terms, 2), randomFloats(width, 4)]; // biome-ignore format: one line
    const mixed = (values: Float32Array, shares: Float32Array) =>
      Float32Array.from({ length: rows * width }, (_, at) => {
        const [i, c] = [Math.floor(at / width), at % width];
        return [0, 1, 2].reduce((sum, t) => sum + shares[i * terms + t]! * values[(i * terms + t) * width + c]!, 0);
      });
    const x = mixed(parts, before);
    for (const norm of ["layer", "rms"] as const) {
      const shares = await run(device, { x, width, before, norm });
      const normed = norm === "layer" ? await layerNorm(device, { x, weight }) : await rmsNorm(device, { x, weight }, { epsilon: 1e-5 }); // biome-ignore format: one line
      expectClose(mixed(await normParts(device, { x: parts, weight, norm }), shares), normed, { absolute: 3e-6, relative: 1e-5 }); // biome-ignore format: one line
    }
  });

  test("refuse weights of another number of rows", async () => {
    const input = { x: new Float32Array(4), width: 2, before: new Float32Array(3), norm: "rms" } as const;
    await expect(run(device, input)).rejects.toThrow("Expected 2 × 1 elements for before but received 3");
  });
});
