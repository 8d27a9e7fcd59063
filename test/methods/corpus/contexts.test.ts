import { describe, expect, it } from "vitest";
import { contexts } from "../../../src/methods/corpus/contexts.js";
import { sourceOf } from "../../activations/in-memory.js";
import { tableOf } from "../../activations/table.js";
import { openTestDevice } from "../../devices.js";

const sites = [{ name: "layers.0.residual", width: 2, offset: 0 }];
const words = ["the", "dog", "barks", "a", "cat", "sleeps"];
const table = tableOf("word", [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], words, {});

describe("contexts", () => {
  it("are the words on which a neuron is largest and smallest, with their neighbours in the sentence", async () => {
    await using device = await openTestDevice("native");
    const planted = Float32Array.of(0, 0, 9, 0, 1, -5, 2, 0, 8, 0, -3, 7);
    const result = await contexts(sourceOf(planted, sites, table), { top: 2, window: 1, device });
    expect(result).toMatchObject({ kind: "contexts", method: "contexts", options: { top: 2, window: 1 } });
    expect(result.neurons.map(({ neuron }) => neuron)).toEqual(["layers.0.residual:0", "layers.0.residual:1"]);
    expect(result.neurons[0]?.top).toEqual([
      { row: 1, value: 9, sentence: 0, position: 1, text: "dog", before: ["the"], after: ["barks"] },
      { row: 4, value: 8, sentence: 1, position: 1, text: "cat", before: ["a"], after: ["sleeps"] },
    ]);
    expect(result.neurons[1]?.bottom[0]).toEqual({
      ...{ row: 2, value: -5, sentence: 0, position: 2, text: "barks" },
      ...{ before: ["dog"], after: [] },
    });
    expect(result.provenance).toMatchObject({ model: "m", corpus: "f", device: "native", seed: 0 });
  });

  it("need texts, and a window that is one", async () => {
    await using device = await openTestDevice("native");
    const bare = sourceOf(new Float32Array(12), sites);
    await expect(contexts(bare, { device })).rejects.toThrow("Expected rows with texts (--corpus FILE --rows word)");
    const source = sourceOf(new Float32Array(12), sites, table);
    await expect(contexts(source, { device, window: -1 })).rejects.toThrow("a whole number from 0 on for window");
  });

  it("tell top words by the mean distance from the mean, quantiles and a histogram", async () => {
    await using device = await openTestDevice("native");
    const texts = ["a", "b", "a", "c", "b", "d"];
    const rows = tableOf("word", [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], texts, {});
    // The first column's mean is 1: a is 3 and 1 away from it, b 4 and 2, c and d not at all.
    const planted = Float32Array.of(4, 7, -3, 7, 0, 7, 1, 7, 3, 7, 1, 7);
    const source = sourceOf(planted, sites, rows);
    const result = await contexts(source, { top: 1, topWords: 2, histogram: 7, device });
    expect(result.options).toEqual({ top: 1, window: 5, topWords: 2, histogram: 7 });
    expect(result.neurons[0]?.words).toEqual([
      { word: "b", score: 1, count: 2 },
      { word: "a", score: 2 / 3, count: 2 },
    ]);
    expect(result.neurons[1]?.words).toEqual([]);
    expect(result.neurons[0]?.distribution?.histogram).toEqual([1, 0, 0, 1, 2, 0, 2]);
    expect(result.neurons[0]?.distribution?.quantiles[4]).toBe(1);
    expect(result.quantiles?.relativeError).toBe(0);
    const all = await contexts(source, { topWords: "all", device });
    expect(all.neurons[0]?.words?.map(({ word }) => word)).toEqual(["b", "a"]);
  });

  it("are all rows where as many are asked for, ties by the lower row", async () => {
    await using device = await openTestDevice("native");
    const rows = 1500;
    const zeros = new Array<number>(rows).fill(0);
    const words = Array.from({ length: rows }, (_, row) => `w${row}`);
    const many = tableOf("word", zeros, [...words.keys()], words, {});
    const values = Float32Array.from({ length: 2 * rows }, (_, i) => ((i >> 1) * 7) % 5);
    const { neurons } = await contexts(sourceOf(values, sites, many, 64), { top: 1000, window: 0, device });
    const wanted = words.map((_, row) => row).sort((a, b) => ((b * 7) % 5) - ((a * 7) % 5) || a - b);
    expect(neurons[1]?.top.map(({ row }) => row)).toEqual(wanted.slice(0, 1000));
  });

  it("refuse words of nothing and bins of nothing", async () => {
    await using device = await openTestDevice("native");
    const source = sourceOf(new Float32Array(12), sites, table);
    await expect(contexts(source, { device, topWords: 0 })).rejects.toThrow("or all for topWords but received 0");
    await expect(contexts(source, { device, histogram: 0.5 })).rejects.toThrow("for histogram but received 0.5");
  });
});
