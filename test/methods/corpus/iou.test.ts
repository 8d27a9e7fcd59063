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

  test("matches masks below ties: a mask is never larger than its concept", async () => {
    const x = Float32Array.of(5, 3, 3, 3, 1);
    const table = annotated({ upos: ["A", "B", "A", "B", "B"] });
    const got = await iou(arraySource(x, 1, { table }), { concept: "upos", threshold: "match", device });
    expect(got.values?.A?.scores[0]).toBe(1 / 2); // two rows are above no value, one is
    expect(got.values?.B?.scores[0]).toBe(0);
    expect(got.values?.A?.recall[0]).toBe(1 / 2);
    expect(got.values?.A?.precision[0]).toBe(1);
  });

  test("gives precision, recall and phi of the mask", async () => {
    const table = annotated({ upos: ["A", "A", null, null, null] });
    const got = await iou(arraySource(Float32Array.of(1, -1, 1, -1, -1), 1, { table }), { concept: "upos=A", device });
    expect([got.precision[0], got.recall[0]]).toEqual([1 / 2, 1 / 2]);
    expect(got.phi[0]).toBeCloseTo((5 * 1 - 2 * 2) / Math.sqrt(2 * 3 * 2 * 3), 15);
  });

  test("measures the values of several keys at once", async () => {
    const table = annotated({ upos: tags, odd: tags.map((_, row) => (row % 2 === 1 ? "yes" : null)) });
    const source = arraySource(planted(), 7, { table });
    const got = await iou(source, { concepts: "upos,odd", device });
    const alone = await iou(source, { concept: "upos=NOUN", device });
    expect(got.concept).toEqual({ key: "upos,odd", value: null });
    expect(Object.keys(got.values ?? {})).toEqual(["upos=NOUN", "upos=VERB", "odd=yes"]);
    expect(got.values?.["upos=NOUN"]).toEqual({
      ...{ order: alone.order, scores: alone.scores, chance: alone.chance, ceiling: alone.ceiling },
      ...{ adjusted: alone.adjusted, precision: alone.precision, recall: alone.recall, phi: alone.phi },
    });
    expect(got.bestAdjusted?.[2]).toBe("upos=NOUN");
  });

  test("follows base rates, which the adjusted value does not", async () => {
    const rows = 1000;
    const common = Array.from({ length: rows }, (_, row) => row % 5 !== 0); // 800 rows
    const rare = Array.from({ length: rows }, (_, row) => row % 50 === 0); // 20 rows
    const table = annotated({ key: common.map((on, row) => (on ? "common" : rare[row] ? "rare" : null)) });
    const noise = randomNormals(rows, 9);
    const x = Float32Array.from(noise, (value, row) => (rare[row] ? 9 : value)); // on for all of rare, and half of all rows
    const got = await iou(arraySource(x, 1, { table }), { concept: "key", device });
    expect(got.best?.[0]).toBe("common"); // though its mask knows nothing of common
    expect(got.bestAdjusted?.[0]).toBe("rare");
    expect(got.values?.common?.adjusted[0]).toBeLessThan(0.02);
  });

  test("tests masks by turning them through the corpus", async () => {
    const source = arraySource(planted(), 7, { table: annotated({ upos: tags }) });
    const got = await iou(source, { concepts: "upos", permutations: 99, seed: 5, device });
    const again = await iou(source, { concepts: "upos", permutations: 99, seed: 5, device });
    const noun = got.values!["upos=NOUN"]!;
    expect(again.values).toEqual(got.values);
    expect(got.options).toEqual({ threshold: 0, permutations: 99 });
    // the tags repeat every ten rows: a tenth of all turns is the corpus itself
    expect(noun.p![2]).toBeGreaterThan(0.02);
    expect(noun.p![2]).toBeLessThan(0.25);
    expect(Math.max(...noun.p!)).toBeGreaterThan(0.3);
  });

  test("finds a planted neuron significant against all neurons and values, and no other", async () => {
    const uniform = randomNormals(600, 77);
    const irregular = Array.from(uniform, (value) => (value > 1.2 ? "A" : value < -0.8 ? "B" : null));
    const x = randomNormals(600 * 7, 4).map((value) => value - 1);
    irregular.forEach((tag, row) => {
      if (tag === "A") x[row * 7 + 2]! += 9;
    });
    const source = arraySource(x, 7, { table: annotated({ tag: irregular }) });
    const got = await iou(source, { concept: "tag", permutations: 199, seed: 1, device });
    const { A, B } = got.values!;
    expect([A!.p![2], A!.familywise![2]]).toEqual([1 / 200, 1 / 200]);
    expect(A!.q![2]).toBeLessThan(0.08); // the least p of 14 pairs: 14 / 200
    expect([...A!.familywise!, ...B!.familywise!].filter((p) => p < 0.05).length).toBe(1);
    expect(B!.q!.every((q, column) => q >= B!.p![column]!)).toBe(true);
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

  test("permutations of masks that each value has of its own, and too few", async () => {
    await expect(iou(source, { concept: "upos", threshold: "match", permutations: 9 })).rejects.toThrow(
      "Expected nothing beside threshold match for permutations but received 9",
    );
    await expect(iou(source, { concept: "upos", permutations: 0 })).rejects.toThrow(
      "Expected a positive integer for permutations but received 0",
    );
  });

  test("a concept and several keys", async () => {
    await expect(iou(source, { concept: "upos", concepts: "upos" })).rejects.toThrow(
      'Expected nothing beside concept for concepts but received "upos"',
    );
  });

  test("a concept that every row has, or none", async () => {
    const all = arraySource(planted(), 7, { table: annotated({ tag: tags.map(() => "same") }) });
    await expect(iou(all, { concept: "tag=same" })).rejects.toThrow(
      'Expected a concept that some of the 200 rows lack for concept but received "tag=same"',
    );
    await expect(iou(all, { concepts: "tag" })).rejects.toThrow(
      'Expected concepts that some rows have and some lack for concepts but received "tag"',
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
