import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { iou } from "../../../src/methods/corpus/iou.js";
import { annotated, arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { randomNormals } from "../../random.js";

const tags = Array.from({ length: 200 }, (_, row) => (row % 10 === 3 ? "NOUN" : row % 10 < 6 ? "VERB" : null));

/** 200 rows × 7 neurons of noise; neuron 2 is high on nouns, neuron 5 on verbs. */
function planted(): Float32Array {
  const x = randomNormals(200 * 7, 4).map((value) => value - 1);
  tags.forEach((tag, row) => {
    if (tag === "NOUN") x[row * 7 + 2]! += 9;
    if (tag === "VERB") x[row * 7 + 5]! += 9;
  });
  return x;
}

describe.each(devices)("iou on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("is the share of rows that mask and concept have in common, beside chance and ceiling", async () => {
    const table = annotated({ upos: ["NOUN", "NOUN", null, "VERB"] });
    const source = arraySource(Float32Array.of(1, 0, 1, -1, -1, 1, 1, 0), 2, { table });
    const got = await iou(source, { concept: "upos=NOUN", device });
    expect(got).toMatchObject({ kind: "ranking", method: "iou", concept: { key: "upos", value: "NOUN" } });
    expect([...got.scores]).toEqual([2 / 3, 0]);
    expect([...got.order]).toEqual([0, 1]);
    const chance = (0.75 * 0.5) / (0.75 + 0.5 - 0.75 * 0.5);
    expect(got.chance[0]).toBeCloseTo(chance, 15);
    expect(got.ceiling[0]).toBeCloseTo(2 / 3, 15);
    expect(got.adjusted[0]).toBeCloseTo((2 / 3 - chance) / (1 - chance), 15);
    expect(got.options).toEqual({ threshold: 0 });
    expect(got.provenance).toMatchObject({ corpus: "c", activations: "a", seed: 0, device: device.description.name });
  });

  test("finds the planted neuron of every value in one pass", async () => {
    const source = arraySource(planted(), 7, { table: annotated({ upos: tags }) });
    const got = await iou(source, { concept: "upos", device });
    expect(Object.keys(got.values ?? {})).toEqual(["NOUN", "VERB"]);
    expect(got.values?.NOUN?.order[0]).toBe(2);
    expect(got.values?.VERB?.order[0]).toBe(5);
    expect(got.best?.[2]).toBe("NOUN");
    expect(got.bestAdjusted?.[5]).toBe("VERB");
    expect(got.scores[2]).toBe(got.values?.NOUN?.scores[2]);
  });

  test("cuts at quantiles", async () => {
    const source = arraySource(planted(), 7, { table: annotated({ upos: tags }) });
    const got = await iou(source, { concept: "upos=NOUN", quantile: 0.1, device });
    expect(got.scores[2]).toBe(1);
    expect(got.ceiling[2]).toBe(1);
    expect(got.options).toEqual({ quantile: 0.1 });
  });

  test("matches each mask's size to the concept's", async () => {
    const source = arraySource(planted(), 7, { table: annotated({ upos: tags }) });
    const got = await iou(source, { concept: "upos", threshold: "match", device });
    expect(got.values?.NOUN?.scores[2]).toBe(1);
    expect(got.values?.VERB?.scores[5]).toBe(1);
    expect([...(got.ceiling ?? [])]).toEqual(Array(7).fill(1));
  });

  test("names the row and the neuron of a NaN", async () => {
    const x = planted();
    x[150 * 7 + 4] = Number.NaN;
    const sites = [
      { name: "layers.0.residual", width: 3, offset: 0 },
      { name: "layers.1.residual", width: 4, offset: 3 },
    ];
    const source = arraySource(x, 7, { table: annotated({ upos: tags }), sites });
    const message = "Expected finite activations for row 150 of layers.1.residual:1 but received NaN";
    await expect(iou(source, { concept: "upos", device })).rejects.toThrow(message);
    await expect(iou(source, { concept: "upos", quantile: 0.2, device })).rejects.toThrow(message);
  });
});

describe("iou refuses", () => {
  const source = arraySource(planted(), 7, { table: annotated({ upos: tags }) });

  test("both a threshold and a quantile", async () => {
    await expect(iou(source, { concept: "upos", threshold: 1, quantile: 0.1 })).rejects.toThrow(
      "Expected nothing beside threshold for quantile but received 0.1",
    );
  });

  test("no concept", async () => {
    await expect(iou(source, {})).rejects.toThrow("Expected a concept such as upos=NOUN, or labels for concept");
  });

  test("a concept on rows without annotations", async () => {
    await expect(iou(arraySource(planted(), 7), { concept: "upos" })).rejects.toThrow(
      'Expected labels, as the rows of array have no annotations, for concept but received "upos"',
    );
  });
});
