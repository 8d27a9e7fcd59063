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

  test("within lists scores every value over the rows of its own list only", async () => {
    const x = planted();
    // Rows of list A, of B, and of neither in turn; what list A calls its own are the rows whose tag is NOUN or VERB.
    const list = tags.map((_, row) => ["A", "B", null][row % 3]!);
    const own = tags.map((tag, row) => (list[row] && tag !== "X" ? list[row] : null));
    const source = arraySource(x, 9, { table: annotated({ concept: own, list }) });
    const got = await averagePrecision(source, { concept: "concept", within: "list", device });
    expect(got.options).toEqual({ direction: "both", within: "list" });
    for (const value of ["A", "B"]) {
      const rows = [...tags.keys()].filter((row) => list[row] === value);
      const part = Float32Array.from(rows.flatMap((row) => [...x.subarray(row * 9, (row + 1) * 9)]));
      const table = annotated({ tag: rows.map((row) => (own[row] ? "yes" : null)) });
      const alone = await averagePrecision(arraySource(part, 9, { table }), { concept: "tag=yes", device });
      expect(got.values?.[value]?.scores).toEqual(alone.scores);
      expect(got.values?.[value]?.on_p50).toEqual(alone.on_p50);
      expect(got.values?.[value]?.off_mean).toEqual(alone.off_mean);
      expect(got.values?.[value]?.signs).toEqual(alone.signs);
    }
    expect(got.experts.values.map(({ value }) => value)).toEqual(["A", "B"]);
  });

  test("within lists refuses values without a list, lists without others, and what does not go together", async () => {
    const x = planted();
    const list = tags.map((tag) => (tag === "NOUN" ? "NOUN" : "other"));
    const refused = async (options: object, message: string, values = x) => {
      const source = arraySource(values, 9, { table: annotated({ upos: tags, list }) });
      await expect(averagePrecision(source, { concept: "upos", within: "list", device, ...options })).rejects.toThrow(message); // biome-ignore format: one line
    };
    await refused({}, 'Expected a key with the value VERB for within but received "list"');
    await refused({ within: "lits" }, 'did you mean "list"');
    await refused({ concept: "upos=NOUN" }, "a key with many values beside within, such as upos");
    await refused({ controls: true }, "none beside within for controls");
    await refused({ within: "upos" }, "Expected a list with rows that lack the concept for upos=VERB");
    const broken = x.slice();
    broken[1 * 9 + 2] = Number.NaN;
    await refused({ within: "upos" }, "Expected finite activations for row 1 of activations:2", broken);
    await expect(averagePrecision(arraySource(x, 9), { concept: "upos", within: "list", device })).rejects.toThrow("no annotations"); // biome-ignore format: one line
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

  test("gives numpy's percentiles over a concept's rows, and the mean over the others", async () => {
    type Names = "x" | "concepts" | "on_p50" | "on_p90" | "off_mean";
    const fixture = readFixture<Record<Names, number[][]>>("methods/average-precision.json");
    const x = Float32Array.from(fixture.x.flat());
    for (const [concept, labels] of fixture.concepts.entries()) {
      const table = annotated({ tag: labels.map((on) => (on ? "yes" : null)) });
      const got = await averagePrecision(arraySource(x, 6, { table }), { concept: "tag=yes", device });
      for (const name of ["on_p50", "on_p90", "off_mean"] as const) {
        got[name].forEach((value, column) => {
          expect(value, name).toBeCloseTo(fixture[name][column]![concept]!, 12);
        });
      }
    }
  });

  test("scores the values of several keys at once, and counts experts of every site", async () => {
    const sites = [
      { name: "layers.0.residual", width: 5, offset: 0 },
      { name: "layers.1.residual", width: 4, offset: 5 },
    ];
    const table = annotated({ upos: tags, odd: tags.map((_, row) => (row % 2 === 1 ? "1" : null)) });
    const source = arraySource(planted(), 9, { table, sites });
    const got = await averagePrecision(source, { concepts: "upos,odd=1", device });
    const alone = await averagePrecision(source, { concept: "upos=VERB", device });
    expect(got.concept).toEqual({ key: "upos,odd=1", value: null });
    expect(Object.keys(got.values ?? {})).toEqual(["upos=NOUN", "upos=VERB", "upos=X", "odd=1"]);
    expect(got.values?.["upos=VERB"]?.scores).toEqual(alone.scores);
    expect(got.values?.["upos=VERB"]?.on_p90).toEqual(alone.on_p90);
    expect(alone.experts.thresholds[8]).toBe(0.9);
    expect(alone.experts.values.map(({ value, sites }) => [value, ...sites.map(({ counts }) => counts[8])])).toEqual([
      ["VERB", 0, 1],
    ]);
  });

  test("follows suau by large values alone, and neurox by taking what is near 0 as 0", async () => {
    const labels = [true, false, true, false, false];
    const table = annotated({ tag: labels.map((on) => (on ? "yes" : null)) });
    const column = [0.04, 0.01, 0.9, -0.03, -0.2];
    const source = arraySource(Float32Array.from(column), 1, { table });
    const suau = await averagePrecision(source, { concept: "tag=yes", compat: "suau", device });
    const neurox = await averagePrecision(source, { concept: "tag=yes", compat: "neurox", device });
    expect(suau.scores[0]).toBeCloseTo(reference(column, labels), digits);
    const zeroed = column.map((value) => (Math.abs(value) < 0.05 ? 0 : value));
    expect(neurox.scores[0]).toBeCloseTo(reference(zeroed, labels), digits);
    expect(neurox.scores[0]).toBeLessThan(suau.scores[0]!);
    expect(neurox.options).toEqual({ direction: "positive", compat: "neurox" });
  });

  test("misses a neuron that speaks by small values where it follows the authors", async () => {
    const source = arraySource(planted(), 9, { table: annotated({ upos: tags }) });
    const [ours, theirs] = [
      await averagePrecision(source, { concept: "upos=NOUN", device }),
      await averagePrecision(source, { concept: "upos=NOUN", compat: "suau", device }),
    ];
    expect(ours.order[0]).toBe(4);
    expect(ours.scores[4]).toBeGreaterThan(0.95);
    expect(theirs.order[8]).toBe(4); // the last of all
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

test("average precision refuses both sides beside an authors' definition", async () => {
  const source = arraySource(planted(), 9, { table: annotated({ upos: tags }) });
  await expect(averagePrecision(source, { concept: "upos", direction: "both", compat: "suau" })).rejects.toThrow(
    'Expected positive beside compat suau for direction but received "both"',
  );
});

test("average precision refuses a misspelt direction", async () => {
  const source = arraySource(planted(), 9, { table: annotated({ upos: tags }) });
  const wrong = { concept: "upos", direction: "bth" as "both" };
  await expect(averagePrecision(source, wrong)).rejects.toThrow(
    'Expected one of both, positive (did you mean "both"?) for direction but received "bth"',
  );
});
