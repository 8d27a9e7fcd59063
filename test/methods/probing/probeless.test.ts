import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { probeless } from "../../../src/methods/probing/probeless.js";
import { sumDistances } from "../../../src/methods/probing/sum-distances.js";
import { annotated, arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { randomNormals } from "../../random.js";

const tags = Array.from({ length: 240 }, (_, row) => [null, "A", "B", "C"][row % 4] ?? null);

/** Population mean and standard deviation, and the mean of each class, of one column. */
function classMeans(x: Float32Array, columns: number, column: number, labels: readonly (string | null)[]) {
  const values = labels.map((_, row) => x[row * columns + column]!);
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const centre = mean(values);
  const deviation = Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
  const of = (label: string) => mean(values.filter((_, row) => labels[row] === label));
  return { centre, deviation, of, rest: (label: string) => mean(values.filter((_, row) => labels[row] !== label)) };
}

describe.each(devices)("probeless on %s", (name, open) => {
  // Sums are float64 on native, pairs of float32 on a GPU whose squares are of single precision.
  const digits = name === "native" ? 6 : 4;
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("adds the distances of class means on standardised columns", async () => {
    const x = randomNormals(240 * 5, 3).map((value, i) => value * (1 + (i % 5)) + 30);
    const source = arraySource(x, 5, { table: annotated({ upos: tags }) });
    const got = await probeless(source, { concept: "upos", device });
    const raw = await probeless(source, { concept: "upos", compat: "antverg", device });
    for (let column = 0; column < 5; column++) {
      const { deviation, of } = classMeans(x, 5, column, tags);
      const [ab, ac, bc] = [of("A") - of("B"), of("A") - of("C"), of("B") - of("C")].map(Math.abs);
      expect(raw.scores[column]).toBeCloseTo(ab! + ac! + bc!, digits);
      expect(got.scores[column]).toBeCloseTo((ab! + ac! + bc!) / deviation, digits);
      expect(raw.values?.A?.scores[column]).toBeCloseTo(ab! + ac!, digits);
      expect(got.values?.B?.scores[column]).toBeCloseTo((ab! + bc!) / deviation, digits);
    }
    expect(raw.options).toEqual({ compat: "antverg" });
  });

  test("sets the rows of one value against all others", async () => {
    const x = randomNormals(240 * 2, 4);
    const source = arraySource(x, 2, { table: annotated({ upos: tags }) });
    const got = await probeless(source, { concept: "upos=B", device });
    const { deviation, of, rest } = classMeans(x, 2, 1, tags);
    expect(got.scores[1]).toBeCloseTo(Math.abs(of("B") - rest("B")) / deviation, digits);
    expect(got.values).toBeUndefined();
  });

  test("finds the planted neuron whatever its scale, and gives a constant one 0", async () => {
    const x = randomNormals(240 * 6, 5).map((value, i) => (i % 6 === 4 ? 3 : i % 6 === 1 ? 1000 * value : value));
    tags.forEach((tag, row) => {
      if (tag === "C") x[row * 6 + 2]! += 5;
    });
    const source = arraySource(x, 6, { table: annotated({ upos: tags }) });
    const got = await probeless(source, { concept: "upos", device });
    expect(got.order[0]).toBe(2);
    expect(got.best?.[2]).toBe("C");
    expect(got.scores[4]).toBe(0);
    expect((await probeless(source, { concept: "upos", compat: "antverg", device })).order[0]).toBe(1);
  });

  test("names the row and the neuron of a NaN, in a row of no class too", async () => {
    const x = randomNormals(240 * 2, 6);
    x[8 * 2 + 1] = Number.NaN;
    const source = arraySource(x, 2, { table: annotated({ upos: tags }) });
    await expect(probeless(source, { concept: "upos", device })).rejects.toThrow(
      "Expected finite activations for row 8 of activations:1 but received NaN",
    );
  });
});

test("distances of every number to all others of its row", () => {
  expect([...sumDistances(Float64Array.of(3, 1, 2, 5, 5, 5), 3)]).toEqual([3, 3, 2, 0, 0, 0]);
});
