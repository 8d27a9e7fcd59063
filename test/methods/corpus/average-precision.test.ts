import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { averagePrecision } from "../../../src/methods/corpus/average-precision.js";
import { annotated, arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { readFixture } from "../../fixtures/read-json.js";
import { randomNormals } from "../../random.js";
import { averagePrecision as reference } from "../../reference/average-precision.js";

const tags = Array.from({ length: 300 }, (_, row) => (row % 7 === 3 ? "NOUN" : row % 7 < 3 ? "VERB" : "X"));

/** 300 rows × 9 neurons of coarse noise; neuron 4 is low on nouns, neuron 6 high on verbs. */
function planted(): Float32Array {
  const x = randomNormals(300 * 9, 4).map((value) => Math.round(4 * value) / 4);
  tags.forEach((tag, row) => {
    if (tag === "NOUN") x[row * 9 + 4]! -= 5;
    if (tag === "VERB") x[row * 9 + 6]! += 5;
  });
  return x;
}

function columnOf(x: Float32Array, columns: number, column: number, sign = 1): number[] {
  return Array.from({ length: x.length / columns }, (_, row) => sign * x[row * columns + column]!);
}

describe.each(devices)("average precision as a method on %s", (name, open) => {
  const digits = name === "native" ? 12 : 6;
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("scores every neuron for every value in both directions", async () => {
    const x = planted();
    const source = arraySource(x, 9, { table: annotated({ upos: tags }) });
    const got = await averagePrecision(source, { concept: "upos", device });
    for (const value of ["NOUN", "VERB", "X"]) {
      const labels = tags.map((tag) => tag === value);
      for (let column = 0; column < 9; column++) {
        const up = reference(columnOf(x, 9, column), labels);
        const down = reference(columnOf(x, 9, column, -1), labels);
        expect(got.values?.[value]?.scores[column]).toBeCloseTo(Math.max(up, down), digits);
        expect(got.values?.[value]?.signs?.[column]).toBe(up >= down ? 1 : -1);
      }
    }
    expect(got.values?.NOUN?.order[0]).toBe(4);
    expect(got.values?.VERB?.order[0]).toBe(6);
    expect(got.values?.NOUN?.signs?.[4]).toBe(-1);
    expect(got.best?.[6]).toBe("VERB");
  });

  test("gives the numbers of scikit-learn, with ties, negative zeros and a constant neuron", async () => {
    const { x, concepts, positive, negative } = readFixture<
      Record<"x" | "concepts" | "positive" | "negative", number[][]>
    >("methods/average-precision.json");
    for (const [concept, labels] of concepts.entries()) {
      const table = annotated({ tag: labels.map((on) => (on ? "yes" : null)) });
      const source = arraySource(Float32Array.from(x.flat()), 6, { table });
      const up = await averagePrecision(source, { concept: "tag=yes", direction: "positive", device });
      const both = await averagePrecision(source, { concept: "tag=yes", device });
      for (let column = 0; column < 6; column++) {
        const expected = positive[column]![concept]!;
        expect(up.scores[column]).toBeCloseTo(expected, digits);
        expect(both.scores[column]).toBeCloseTo(Math.max(expected, negative[column]![concept]!), digits);
      }
    }
  });

  test("takes large values only where it is told so", async () => {
    const source = arraySource(planted(), 9, { table: annotated({ upos: tags }) });
    const got = await averagePrecision(source, { concept: "upos=NOUN", direction: "positive", device });
    expect(got.signs).toBeUndefined();
    expect(got.scores[4]).toBeLessThan(0.2);
    expect(got.options).toEqual({ direction: "positive" });
  });

  test("names the row and the neuron of a NaN", async () => {
    const x = planted();
    x[299 * 9 + 8] = Number.NaN;
    const source = arraySource(x, 9, { table: annotated({ upos: tags }) });
    await expect(averagePrecision(source, { concept: "upos", device })).rejects.toThrow(
      "Expected finite activations for row 299 of activations:8 but received NaN",
    );
  });

  test("stops when it is told to", async () => {
    const source = arraySource(planted(), 9, { table: annotated({ upos: tags }) });
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(averagePrecision(source, { concept: "upos", device }, { signal })).rejects.toThrow("stop");
  });
});

test("average precision refuses a misspelt direction", async () => {
  const source = arraySource(planted(), 9, { table: annotated({ upos: tags }) });
  const wrong = { concept: "upos", direction: "bth" as "both" };
  await expect(averagePrecision(source, wrong)).rejects.toThrow(
    'Expected one of both, positive (did you mean "both"?) for direction but received "bth"',
  );
});
