import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { explain } from "../../../src/methods/corpus/explain.js";
import { formulaText } from "../../../src/methods/corpus/formula.js";
import { annotated, arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { randomRows } from "../../random.js";
import { authorsBeamSearch, beamSearch as reference } from "../../reference/beam-search.js";
import { type Chain, holds } from "../../reference/formula-extensions.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { activationsOf, keys, names, tableOf } from "./formula-source.js";

const folder = temporaryFolder();
const [OR, AND, NOT] = [0, 1, 2];
const chainOf = (first: number, ...links: [number, number][]): Chain => [
  first * 4,
  ...links.map(([operator, concept]) => concept * 4 + operator!),
];

/** A mask with some of its rows turned round. */
function withNoise(mask: readonly boolean[], share: number, seed: number): boolean[] {
  const [flips] = randomRows(1, mask.length, share, seed);
  return mask.map((on, row) => on !== flips![row]);
}

describe.each(devices)("explain on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("says a formula, its tree, its IoU beside chance and ceiling, and the best formula of every length", async () => {
    const table = annotated({ upos: ["NOUN", "PROPN", "VERB", "NOUN"], deprel: ["nsubj", "obj", "root", "obj"] });
    const source = arraySource(Float32Array.of(-1, 1, -1, 1), 1, { table });
    const got = await explain(source, { concepts: "upos,deprel", length: 3, device });
    expect(got).toMatchObject({ kind: "explanation", method: "compositional-explanations", leftOut: 0 });
    expect(got.options).toEqual({ concepts: "upos,deprel", threshold: 0, beam: 10, length: 3, penalty: 1 });
    expect(got.neurons).toHaveLength(1);
    const [neuron] = got.neurons;
    expect(neuron).toMatchObject({
      neuron: "activations:0",
      column: 0,
      formula: "deprel=obj",
      tree: { key: "deprel", value: "obj" },
      score: 1,
      iou: 1,
      rows: 2,
      formulaRows: 2,
      ceiling: 1,
      adjusted: 1,
    });
    expect(neuron!.chance).toBeCloseTo(1 / 3, 15);
    expect(neuron!.lengths.map(({ length, iou }) => [length, iou])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    expect(got.concepts[2]).toEqual({
      concept: "upos=VERB",
      rows: 1,
      neurons: [],
    });
    expect(got.concepts[4]).toEqual({
      concept: "deprel=obj",
      rows: 2,
      neurons: [{ neuron: "activations:0", column: 0, iou: 1 }],
    });
    expect(got.provenance).toMatchObject({ corpus: "c", activations: "a", device: device.description.name });
  });

  test.each([
    [chainOf(3)],
    [chainOf(1, [OR!, 4])],
    [chainOf(0, [AND!, 5])],
    [chainOf(2, [NOT!, 6])],
    [chainOf(1, [OR!, 4], [NOT!, 6])],
    [chainOf(0, [AND!, 5], [OR!, 7])],
  ])("explains activations that were built from a formula and noise by exactly this formula: %j", async (chain) => {
    const concepts = randomRows(9, 600, 0.35, 11);
    const mask = withNoise(holds(chain, concepts), 0.02, 5);
    const source = arraySource(activationsOf([mask, mask.map((on) => !on)], 3), 2, { table: tableOf(concepts) });
    const options = { concepts: keys(9), beam: 150, length: chain.length, device };
    const { neurons } = await explain(source, options);
    const sameRows = await explain(source, { ...options, penalty: 0.99 });
    expect(neurons[0]!.formula).toBe(formulaText(chain, names(9)));
    expect(sameRows.neurons[0]!.formula).toBe(formulaText(chain, names(9)));
    expect(neurons[0]!.iou).toBeGreaterThan(0.75);
  });

  test.each([
    [1, 1, 1, 1, 1, 1],
    [3, 5, 31, 2, 3, 1],
    [5, 7, 97, 3, 4, 0.95],
    [4, 11, 211, 10, 3, 1],
    [7, 13, 127, 5, 5, 0.9],
    [2, 17, 503, 10, 3, 0.5],
  ])(
    "finds what a plain search finds: %i neurons, %i concepts, %i rows, beam %i, length %i, penalty %d",
    async (...sizes) => {
      const [count, many, rows, beam, length, penalty] = sizes;
      const concepts = randomRows(many, rows, 0.25, rows + 1).map((row) =>
        row.map((on, i) => (i === 0 ? !row[1] : on)),
      );
      const used = concepts.filter((row) => row.includes(true) && row.includes(false));
      const usable = used.length > 0 ? used : [Array.from({ length: rows }, () => true)];
      const masks = randomRows(count, rows, 0.4, many);
      if (used.length === 0) return expect(rows).toBe(1);
      const source = arraySource(activationsOf(masks, 7), count, { table: tableOf(usable) });
      const { neurons } = await explain(source, { concepts: keys(usable.length), beam, length, penalty, device });
      const expected = masks.map((mask) => reference(mask, usable, { beam, length, penalty })[0]);
      expect(neurons.map(({ formula }) => formula)).toEqual(
        expected.map((best) => (best ? formulaText(best.chain, names(usable.length)) : null)),
      );
      for (const [i, { score }] of neurons.entries()) expect(score).toBeCloseTo(expected[i]?.score ?? 0, 14);
    },
  );

  test("explains a neuron of a word and its neighbours by NEIGHBORS of the word", async () => {
    const near = ["dog", "puppy", "cat", "horse", "cow", "pig"];
    const forms = Array.from({ length: 120 }, (_, row) => [...near, "law", "rule", "the", "a"][row % 10]!);
    const path = join(folder, "vectors.vec");
    const vectors = [...new Set(forms)].map((form, i) => `${form} ${i < 6 ? 1 : -1} ${i / 50}`);
    writeFileSync(path, vectors.join("\n"));
    const source = arraySource(activationsOf([forms.map((form) => near.includes(form))], 3), 1, {
      table: annotated({ form: forms }),
    });
    const { neurons, options } = await explain(source, { concepts: "form", neighbors: path, device });
    expect(neurons[0]).toMatchObject({ formula: "NEIGHBORS(form=cat)", score: 1 });
    expect(neurons[0]!.tree).toEqual({ operator: "NEIGHBORS", of: { key: "form", value: "cat" } });
    expect(options.neighbors).toMatch(/^[0-9a-f]{64}$/);
  });

  test("gives an empty mask no formula and the score 0", async () => {
    const source = arraySource(Float32Array.of(-1, -1, -1), 1, { table: annotated({ upos: ["A", "B", "A"] }) });
    const { neurons } = await explain(source, { concepts: "upos", device });
    expect(neurons[0]).toMatchObject({ formula: null, tree: null, score: 0, rows: 0, lengths: [] });
  });

  test("profiles neurons of one concept, of two, and switches", async () => {
    const tags = Array.from({ length: 400 }, (_, row) => ["A", "B", "C", "D"][row % 4]!);
    const draw = randomRows(1, 400, 0.5, 3)[0]!;
    const one = tags.map((tag) => tag === "A");
    const two = tags.map((tag) => tag === "A" || tag === "B");
    const both = tags.map((tag, row) => tag === "A" || (tag !== "B" && draw[row]!));
    const table = annotated({ upos: tags, xpos: tags.map((tag) => `x${tag}`) });
    const source = arraySource(activationsOf([one, two, both, draw], 2), 4, { table });
    const { neurons } = await explain(source, { concepts: "upos,xpos", length: 2, device });
    expect(neurons.map(({ profile }) => profile.kind)).toEqual(["monosemous", "polysemous", "switch", "none"]);
    expect(neurons[0]!.profile).toEqual({
      kind: "monosemous",
      concepts: [{ concept: "upos=A", phi: 1 }],
      disjoint: null,
    });
    expect(neurons[1]!.profile.disjoint).toBe(1);
    const signs = neurons[2]!.profile.concepts.map(({ concept, phi }) => [concept, Math.sign(phi)]);
    expect(signs).toEqual(
      expect.arrayContaining([
        ["upos=A", 1],
        ["upos=B", -1],
      ]),
    );
  });

  test("follows the authors where asked: 500 rows at least, and a beam that holds formulas twice", async () => {
    const tags = Array.from({ length: 1200 }, (_, row) => (row % 3 === 0 ? "A" : "B"));
    const few = tags.map((tag, row) => tag === "A" && row < 900);
    const many = tags.map((tag) => tag === "B");
    const source = arraySource(activationsOf([few, many], 2), 2, { table: annotated({ upos: tags }) });
    const { neurons, options } = await explain(source, { concepts: "upos", compat: "mu-andreas", device });
    expect(neurons[0]).toMatchObject({ formula: null, score: 0, rows: 300 });
    expect(neurons[1]).toMatchObject({ formula: "upos=B", score: 1 });
    expect(options).toMatchObject({ compat: "mu-andreas" });
  });

  test("finds what the authors' loop finds, where asked", async () => {
    const concepts = randomRows(6, 1300, 0.3, 21);
    const masks = randomRows(4, 1300, 0.45, 22);
    const source = arraySource(activationsOf(masks, 7), 4, { table: tableOf(concepts) });
    const sizes = { beam: 3, length: 4 };
    const { neurons } = await explain(source, { concepts: keys(6), ...sizes, compat: "mu-andreas", device });
    const expected = masks.map((mask) => authorsBeamSearch(mask, concepts, sizes)[0]!);
    expect(neurons.map(({ formula }) => formula)).toEqual(expected.map((chain) => formulaText(chain, names(6))));
    const usual = await explain(source, { concepts: keys(6), ...sizes, device });
    expect(usual.neurons.map(({ formula }) => formula)).not.toEqual(neurons.map(({ formula }) => formula));
  });

  test("cuts at quantiles, and says the same in every batch of rows", async () => {
    const concepts = randomRows(5, 300, 0.1, 4);
    const x = activationsOf(concepts.slice(0, 3), 9).map((value) => value + 5);
    const options = { concepts: keys(5), quantile: 0.1, length: 2, device };
    const whole = await explain(arraySource(x, 3, { table: tableOf(concepts), blockRows: 300 }), options);
    const cut = await explain(arraySource(x, 3, { table: tableOf(concepts), blockRows: 17 }), options);
    expect(whole.neurons).toEqual(cut.neurons);
    expect(whole.neurons.map(({ rows }) => rows)).toEqual([30, 30, 30]);
  });

  test("makes each mask as large as the concept that fits the neuron best", async () => {
    const concepts = [...randomRows(3, 400, 0.1, 4), ...randomRows(2, 400, 0.4, 5)];
    const x = activationsOf([concepts[1]!, concepts[3]!], 9).map((value) => value + 5);
    const source = arraySource(x, 2, { table: tableOf(concepts) });
    const { neurons, options } = await explain(source, { concepts: keys(5), threshold: "match", length: 2, device });
    expect(neurons.map(({ formula, score }) => [formula, score])).toEqual([
      ["c1=yes", 1],
      ["c3=yes", 1],
    ]);
    expect(options).toMatchObject({ threshold: "match" });
  });

  test("stops between batches when told to", async () => {
    const stop = new AbortController();
    const source = arraySource(Float32Array.of(1, -1), 1, { table: annotated({ upos: ["A", "B"] }) });
    const onProgress = (_done: number, _total: number, what: string) => {
      if (what === "formulas") stop.abort();
    };
    await expect(explain(source, { concepts: "upos", device }, { signal: stop.signal, onProgress })).rejects.toThrow(
      /abort/i,
    );
  });
});
