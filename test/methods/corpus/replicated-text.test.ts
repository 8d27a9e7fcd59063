import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Corpus, sentenceOf } from "../../../src/corpus/corpus.js";
import type { Device } from "../../../src/device/device.js";
import { alignConcepts } from "../../../src/methods/corpus/replicated-text.js";
import { openTestDevice } from "../../devices.js";
import { FakeModel } from "../../fake-model.js";

/** A sentence of words with lemmas; `heads` as the tree has them. */
function sentence(forms: string, heads: readonly number[], lemmas = forms) {
  const words = forms.split(" ");
  let at = 0;
  const placed = words.map((form, i) => {
    const start = at;
    at += form.length + 1;
    const annotations = { form, lemma: lemmas.split(" ")[i]! };
    return { form, start, end: start + form.length, annotations, head: heads[i]! };
  });
  return sentenceOf(forms, placed);
}

const corpus: Corpus = {
  path: "planted",
  fingerprint: "f",
  sentences: [
    sentence("we saw cats", [1, -1, 1], "we see cat"),
    sentence("a cabin is old", [1, 3, 3, -1], "a cabin be old"),
    sentence("to a b we go", [2, 2, 4, 4, -1]),
    sentence("b is a", [1, -1, 1], "b be a"),
    sentence("is so", [1, -1], "be so"),
    sentence("so we go", [2, 2, -1]),
  ],
};

/** The id that the fake tokenizer gives a pair of letters. */
const id = (letters: string) => 3 + (letters.charCodeAt(0) % 97);

/** Column 0 answers to pairs that begin with c, 1 to b behind a, 2 to `is`. */
function planted(ids: Uint32Array, position: number, column: number): number {
  if (column === 0) return ids[position] === id("c") ? 1 : 0;
  if (column === 1) return ids[position] === id("b") && ids[position - 1] === id("a") ? 1 : 0;
  return ids[position] === id("s") ? 1 + position / 1000 : 0;
}

describe("concept alignment by replicated text", () => {
  let device: Device;
  beforeAll(async () => {
    device = await openTestDevice("native");
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("finds a planted piece of words and a planted phrase, with their selectivities", async () => {
    const model = new FakeModel(device, { width: 3, activation: planted });
    const got = await alignConcepts(model, corpus, { sites: "layers.0.residual" });
    expect(got).toMatchObject({
      kind: "alignment",
      method: "replicated-text",
      options: { sentences: 10, concepts: 3 },
    });
    const [pieces, phrases] = got.neurons;
    // Tokens are pairs: every token of `ca ca …` answers, every other one of `cat cat …`.
    expect(pieces!.concepts.slice(0, 2)).toMatchObject([
      { kind: "piece", text: "ca", alignment: 1 },
      { kind: "word", text: "cat", alignment: 0.5 },
    ]);
    // Two sentences have the piece: 1 of 5 tokens and 1 of 7; the others none.
    const [first, second] = [1 / 5, 1 / 7];
    expect(pieces!.concepts[0]!.selectivity).toBeCloseTo((first + second) / 2 / first, 6);
    expect(phrases!.neuron).toBe("layers.0.residual:1");
    expect(phrases!.concepts[0]).toMatchObject({ kind: "phrase", text: "to a b", selectivity: 1 });
    expect(phrases!.concepts[0]!.alignment).toBeCloseTo(1 / 3, 6);
    expect(phrases!.concepts.length).toBe(3);
  });

  test("takes words as their lemmas, repeats them to the mean length, and keeps as many as asked for", async () => {
    const model = new FakeModel(device, { width: 3, activation: planted });
    const got = await alignConcepts(model, corpus, { sites: "layers.0.residual", sentences: 1, concepts: 1 });
    const [one] = got.neurons[2]!.concepts;
    expect(got.neurons[2]!.concepts.length).toBe(1);
    expect(one).toMatchObject({ kind: "word", text: "so" });
    // 25 tokens in 6 sentences: `so` four times, at positions 1 to 4 behind the token that begins a text.
    expect(one!.alignment).toBeCloseTo(1.0025, 5);
  });

  test("refuses numbers that are none, and sites that are not there", async () => {
    const model = new FakeModel(device);
    const sites = "layers.0.residual";
    await expect(alignConcepts(model, corpus, { sites, concepts: 0 })).rejects.toThrow("for concepts but received 0");
    await expect(alignConcepts(model, corpus, { sites: "layers.1.residual" })).rejects.toThrow("layers.1.residual");
  });
});
