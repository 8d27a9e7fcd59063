import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { correlationClusters } from "../../../src/methods/unsupervised/correlation-clusters.js";
import { arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { readFixture } from "../../fixtures/read-json.js";
import { randomNormals } from "../../random.js";

/** 200 rows × 6: 0 and 3 say the same, 1 and 4 the opposite, 2 is noise, 5 constant. */
function planted(): Float32Array {
  const x = randomNormals(200 * 6, 2);
  for (let row = 0; row < 200; row++) {
    x[row * 6 + 3] = 2 * x[row * 6]! + 100 + 0.1 * x[row * 6 + 3]!;
    x[row * 6 + 4] = 0.1 * x[row * 6 + 4]! - x[row * 6 + 1]!;
    x[row * 6 + 5] = 7;
  }
  return x;
}

const sites = [
  { name: "layers.0.residual", width: 3, offset: 0 },
  { name: "layers.1.residual", width: 3, offset: 3 },
];

describe.each(devices)("correlation clusters on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("finds planted groups, whatever sign, scale and mean, and leaves a constant neuron alone", async () => {
    const got = await correlationClusters(arraySource(planted(), 6, { sites }), { device });
    expect(got).toMatchObject({ kind: "grouping", method: "correlation-clusters", sites });
    expect([...got.labels]).toEqual([0, 1, 2, 0, 1, 3]);
    expect(got.groups.map(({ members }) => members)).toEqual([[0, 3], [1, 4], [2], [5]]);
    expect(got.redundancy).toEqual({ within: 0, across: 2 / 6 });
    expect(got.options).toEqual({ threshold: 0.5, signed: false });
  });

  test("keeps opposites apart where signs count", async () => {
    const got = await correlationClusters(arraySource(planted(), 6, { sites }), { device, signed: true });
    expect([...got.labels]).toEqual([0, 1, 2, 0, 3, 4]);
  });

  test("cuts where scipy does", async () => {
    const { x, absolute } = readFixture<{
      readonly x: readonly (readonly number[])[];
      readonly absolute: { readonly labels: Readonly<Record<string, readonly number[]>> };
    }>("methods/clusters.json");
    const source = arraySource(Float32Array.from(x.flat()), 40);
    for (const [threshold, expected] of Object.entries(absolute.labels)) {
      const { labels } = await correlationClusters(source, { device, threshold: Number(threshold) });
      const first = [...new Set(expected)];
      expect([...labels]).toEqual(expected.map((label) => first.indexOf(label)));
    }
  });

  test("names the row and the neuron of a NaN", async () => {
    const x = planted();
    x[199 * 6 + 4] = Number.NaN;
    await expect(correlationClusters(arraySource(x, 6, { sites }), { device })).rejects.toThrow(
      "Expected finite activations for row 199 of layers.1.residual:1 but received NaN",
    );
  });
});

test("correlation clusters refuse a threshold that is no distance", async () => {
  await expect(correlationClusters(arraySource(planted(), 6), { threshold: 3 })).rejects.toThrow(
    "Expected a distance from 0 to 2 for threshold but received 3",
  );
});
