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
});
