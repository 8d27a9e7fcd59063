import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { proposeConcepts } from "../../../src/methods/corpus/row-clusters.js";
import { kMeans } from "../../../src/methods/unsupervised/k-means.js";
import { annotated, arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { randomNormals } from "../../random.js";

const rows = 211;
const columns = 7;
/** Three clouds far apart, in turns; the last column is constant. */
const x = randomNormals(rows * columns, 2).map((value, i) => {
  const [row, column] = [Math.floor(i / columns), i % columns];
  return column === 6 ? 4 : value / 4 + (row % 3 === column ? 10 : 0);
});
const text = Array.from({ length: rows }, (_, row) => ["the", "dog", "runs"][row % 3]!);
const upos = Array.from({ length: rows }, (_, row) => ["DET", "NOUN", "VERB"][row % 3]!);
const source = arraySource(x, columns, { table: { ...annotated({ form: text, upos }), text } });

describe.each(devices)("concepts of clusters on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("k-means finds planted clouds, and the same ones again", async () => {
    const found = await kMeans(device, x, columns, { clusters: 3, seed: 1 });
    expect(new Set(Array.from(found.labels.subarray(0, 3))).size).toBe(3);
    for (const [row, label] of found.labels.entries()) expect(label).toBe(found.labels[row % 3]);
    const sum = (row: number) => {
      const center = found.centers.subarray(found.labels[row]! * columns, (found.labels[row]! + 1) * columns);
      return center.reduce((all, value, column) => all + (x[row * columns + column]! - value) ** 2, 0);
    };
    const inertia = Array.from({ length: rows }, (_, row) => sum(row)).reduce((a, b) => a + b);
    expect(Math.abs(found.inertia / inertia - 1)).toBeLessThan(1e-3);
    expect(await kMeans(device, x, columns, { clusters: 3, seed: 1 })).toEqual(found);
  });

  test("as many clusters as points leave nothing; one cluster is the mean", async () => {
    const few = x.slice(0, 5 * columns);
    expect((await kMeans(device, few, columns, { clusters: 5 })).inertia).toBeLessThan(1e-2);
    const { centers, labels } = await kMeans(device, few, columns, { clusters: 1 });
    expect([...labels]).toEqual([0, 0, 0, 0, 0]);
    expect(centers[0]).toBeCloseTo(
      [0, 1, 2, 3, 4].reduce((all, row) => all + few[row * columns]! / 5, 0),
      5,
    );
  });

  test("are named by their words and tags, and taken by methods", async () => {
    const found = await proposeConcepts(source, { clusters: 3, device });
    const labels = found.clusters.map(({ label }) => label.replace(/^\d+:/, "")).sort();
    expect(labels).toEqual(["dog-NOUN", "runs-VERB", "the-DET"]);
    expect(found.clusters.map(({ rows: size }) => size).sort()).toEqual([70, 70, 71]);
    expect(found.clusters[0]!.words[0]!.npmi).toBeCloseTo(1, 12);
    expect(found.labels[0]).toBe(found.labels[3]);
    expect(found.concept.classes.length).toBe(3);
    expect(found.spread).toBeLessThan(0.6);
  });

  test("refuse more clusters than rows, rows without texts, and a NaN", async () => {
    await expect(proposeConcepts(source, { clusters: 212, device })).rejects.toThrow(
      "Expected a whole number from 1 to the 211 points for clusters but received 212",
    );
    await expect(proposeConcepts(arraySource(x, columns), { device })).rejects.toThrow("rows with texts");
    const wrong = { table: annotated({ form: ["a", "b"] }) };
    await expect(proposeConcepts(arraySource(Float32Array.of(1, Number.NaN), 1, wrong), { device })).rejects.toThrow(
      "finite activations",
    );
  });
});
