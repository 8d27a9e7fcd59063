import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { dead } from "../../../src/methods/visualization/dead.js";
import { saturation } from "../../../src/methods/visualization/saturation.js";
import { sparsity } from "../../../src/methods/visualization/sparsity.js";
import { arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { randomNormals } from "../../random.js";

describe.each(devices)("short lists on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("dead puts constant neurons first, then those that rarely leave their least value", async () => {
    const x = randomNormals(100 * 4, 1).map((value, i) => {
      if (i % 4 === 1) return 0;
      if (i % 4 === 2) return i === 42 ? 3 : -1;
      return i % 4 === 3 ? Math.max(0, value) : value;
    });
    const got = await dead(arraySource(x, 4), { device });
    expect([...got.order]).toEqual([1, 2, 3, 0]);
    expect([...got.dead]).toEqual([0, 1, 0, 0]);
    expect(got.scores[1]).toBe(1);
    expect(got.scores[2]).toBeCloseTo(0.99, 12);
    expect(got.scores[0]).toBeCloseTo(0.01, 12);
  });

  test("saturation adds the shares above .9 and below .1", async () => {
    const gates = Float32Array.of(0.95, 0.1, 0.05, 0.9, 0.5, 0.09, 0.91, 0.2);
    const got = await saturation(arraySource(gates, 2), { device });
    expect([...got.high]).toEqual([0.5, 0]);
    expect([...got.low]).toEqual([0.25, 0.25]);
    expect([...got.scores]).toEqual([0.75, 0.25]);
  });

  test("saturation of a candidate, a tanh, is above .9 or below −.9", async () => {
    const sites = ["layers.0.gate.input", "layers.0.gate.candidate"].map((name, offset) => ({
      name,
      width: 1,
      offset,
    }));
    const values = Float32Array.of(0.05, 0.05, 0.5, -0.95, 0.95, 0.95, 0.5, -0.5);
    const got = await saturation(arraySource(values, 2, { sites }), { device });
    expect([...got.low]).toEqual([0.25, 0.25]);
    expect([...got.high]).toEqual([0.25, 0.25]);
    expect([...got.scores]).toEqual([0.5, 0.5]);
  });

  test("sparsity puts the neuron first that speaks least", async () => {
    const x = Float32Array.of(1, 0, 2, 1, 0, 0, 1, 2, 0);
    const got = await sparsity(arraySource(x, 3), { device });
    expect([...got.above]).toEqual([1, 1 / 3, 1 / 3]);
    expect([...got.order]).toEqual([1, 2, 0]);
    expect((await sparsity(arraySource(x, 3), { device, threshold: 1 })).above[0]).toBe(0);
  });

  test("names a NaN", async () => {
    const x = Float32Array.of(1, 2, 3, Number.NaN);
    for (const method of [dead, saturation, sparsity]) {
      await expect(method(arraySource(x, 2), { device })).rejects.toThrow(
        "Expected finite activations for row 1 of activations:1 but received NaN",
      );
    }
  });
});

test("sparsity refuses a misspelt option and a threshold that is no number", async () => {
  const source = arraySource(Float32Array.of(1), 1);
  await expect(sparsity(source, { treshold: 1 } as object)).rejects.toThrow(
    'Expected only threshold, device, seed for sparsity (did you mean "threshold"?) for options but received "treshold"',
  );
  await expect(sparsity(source, { threshold: Number.NaN })).rejects.toThrow(
    "Expected a finite number for threshold but received NaN",
  );
});
