import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { conditionalVariance } from "../../../src/methods/visualization/conditional-variance.js";
import { position } from "../../../src/methods/visualization/position.js";
import { tableOf } from "../../activations/table.js";
import { annotated, arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { randomNormals } from "../../random.js";
import { conditionalVariance as reference } from "../../reference/conditional-variance.js";

const sentences = ['He said " stop it " and left', "a ( very [ old ] ) man", 'an open " quote'].map((s) =>
  s.split(" "),
);
const texts = sentences.flat();
const sentence = sentences.flatMap((words, i) => words.map(() => i));
const place = sentences.flatMap((words) => words.map((_, i) => i));
const quoted = [0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1];
const bracketed = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0];

describe.each(devices)("conditional variance on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("is 0 for a neuron that the key determines and about 1 for noise, however many groups there are", async () => {
    const rows = 2003;
    const forms = Array.from({ length: rows }, (_, row) => `w${(row * 7919) % 499}`);
    const noise = randomNormals(rows * 3, 3);
    const x = noise.map((value, i) => (i % 3 === 1 ? Number(forms[Math.floor(i / 3)]!.slice(1)) / 9 : value));
    const source = arraySource(x, 3, { table: annotated({ form: forms }) });
    const got = await conditionalVariance(source, { concept: "form", device });
    expect(got).toMatchObject({ method: "conditional-variance", concept: { key: "form", value: null }, groups: 499 });
    expect(got.conditionalVariance[1]).toBeLessThan(1e-5);
    expect(got.conditionalVariance[0]).toBeGreaterThan(0.9);
    expect(got.conditionalVariance[0]).toBeLessThan(1.1);
    expect(got.order[0]).toBe(1);
    expect(got.scores[0]).toBe(1 - got.conditionalVariance[0]!);
  });

  test("is the definition's, far from 0 too, with rows that lack the key as a group of their own", async () => {
    const upos = Array.from({ length: 101 }, (_, row) => (row % 5 === 0 ? null : `t${row % 3}`));
    const x = randomNormals(101 * 4, 5).map((value, i) => (i % 4 === 2 ? 3 : value + (i % 4) * 100 + ((i >> 2) % 3)));
    const got = await conditionalVariance(arraySource(x, 4, { table: annotated({ upos }) }), {
      concept: "upos",
      device,
    });
    for (const column of [0, 1, 2, 3]) {
      const values = Array.from({ length: 101 }, (_, row) => x[row * 4 + column]!);
      expect(got.conditionalVariance[column]).toBeCloseTo(reference(values, upos.map(String)), 5);
    }
    expect(got.conditionalVariance[2]).toBe(1);
  });

  test("finds planted units of quotation marks, brackets and positions", async () => {
    const noise = randomNormals(texts.length * 4, 9);
    const x = noise.map((value, i) => [value, quoted[i >> 2]! * 3 - 1, bracketed[i >> 2]! / 4, place[i >> 2]!][i % 4]!);
    const source = arraySource(x, 4, { table: tableOf("word", sentence, place, texts, {}) });
    for (const [concept, column] of [
      ["inside-quotes", 1],
      ["inside-brackets", 2],
      ["position", 3],
    ] as const) {
      // biome-ignore format: a table
      const got = await conditionalVariance(source, { concept, device });
      expect(got.order[0]).toBe(column);
      expect(got.conditionalVariance[column]).toBeLessThan(1e-6);
      expect(got.conditionalVariance[0]).toBeGreaterThan(0.5);
    }
    const byPosition = await position(source, { device });
    expect(byPosition).toMatchObject({ method: "position", concept: { key: "position", value: null }, groups: 8 });
    expect(byPosition.order[0]).toBe(3);
  });
});

test("refuses a key that no rows share, an unknown one, positions of a bare array, and a NaN", async () => {
  const x = Float32Array.of(1, 2, Number.NaN);
  const source = arraySource(x, 1, { table: annotated({ form: ["a", "b", "c"], upos: ["A", "A", "B"] }) });
  await expect(conditionalVariance(source, { concept: "form" })).rejects.toThrow("a key that rows share");
  await expect(conditionalVariance(source, { concept: "upoz" })).rejects.toThrow('did you mean "upos"');
  await expect(conditionalVariance(source, { concept: "upos" })).rejects.toThrow("row 2 of activations:0");
  await expect(position(arraySource(x, 1))).rejects.toThrow("tokens or words with positions in sentences");
});
