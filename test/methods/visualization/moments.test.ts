import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { kurtosis } from "../../../src/methods/visualization/kurtosis.js";
import { skew } from "../../../src/methods/visualization/skew.js";
import { variance } from "../../../src/methods/visualization/variance.js";
import { arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { randomNormals } from "../../random.js";

/** Neuron 0 is normal, 1 wide, 2 constant, 3 has rare large negative values. */
const x = randomNormals(500 * 4, 8).map((value, i) => {
  if (i % 4 === 1) return 9 * value + 100;
  if (i % 4 === 2) return 0.1;
  return i % 4 === 3 && i % 80 === 3 ? value - 8 : value;
});

describe.each(devices)("moments as rankings on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("variance is the population's, and 0 for a constant", async () => {
    const got = await variance(arraySource(Float32Array.of(1, 5, 3, 5, 5, 5), 2), { device });
    expect(got).toMatchObject({ kind: "ranking", method: "variance", concept: null, options: {} });
    expect(got.scores[0]).toBeCloseTo(8 / 3, 6);
    expect(got.scores[1]).toBe(0);
    expect([...got.order]).toEqual([0, 1]);
  });

  test("each moment finds its planted neuron", async () => {
    const source = arraySource(x, 4);
    expect((await variance(source, { device })).order[0]).toBe(1);
    const skewed = await skew(source, { device });
    expect(skewed.order[0]).toBe(3);
    expect(skewed.skewness[3]).toBeLessThan(-1);
    expect(skewed.scores[3]).toBe(-skewed.skewness[3]!);
    expect((await kurtosis(source, { device })).order[0]).toBe(3);
    expect(skewed.scores[2]).toBe(0);
  });

  test("name the row and the neuron of a number that is not finite", async () => {
    const wrong = x.slice();
    wrong[77 * 4 + 3] = Number.NaN;
    for (const method of [variance, skew, kurtosis]) {
      await expect(method(arraySource(wrong, 4), { device })).rejects.toThrow(
        "Expected finite activations for row 77 of activations:3 but received NaN",
      );
    }
    wrong[77 * 4 + 3] = -Infinity;
    await expect(variance(arraySource(wrong, 4), { device })).rejects.toThrow("activations:3 but received -Infinity");
  });
});
