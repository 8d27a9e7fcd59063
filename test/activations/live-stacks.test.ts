import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { activations } from "../../src/activations/live.js";
import { type Corpus, pairedSentence, spacedSentence } from "../../src/corpus/corpus.js";
import type { Device } from "../../src/device/device.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { devices } from "../devices.js";
import { fixturePath, largestDifference } from "../fixtures/model-fixture.js";
import { collect } from "./collect.js";

const pairs: Corpus = {
  path: "pairs.tsv",
  fingerprint: "f",
  sentences: [pairedSentence("de a", "cab a"), pairedSentence("abc", "e"), pairedSentence("a b c", "d d")],
};

describe.each(devices)("activations of an encoder-decoder on %s", (_, open) => {
  let device: Device;
  let model: Model;
  beforeAll(async () => {
    device = await open();
    model = await loadModel(fixturePath("bart"), { device });
  });
  afterAll(async () => {
    await model[Symbol.asyncDispose]();
    await device[Symbol.asyncDispose]();
  });

  async function alone(sources: Uint32Array[], sequences: Uint32Array[], site: string): Promise<Float32Array> {
    using forward = model.forward({ sequences, sources, capture: { sites: selectSites(model.sites, site) } });
    return await forward.captured!.values();
  }

  test("have a row for every token of the sources at the encoder's sites", async () => {
    const source = await activations(model, pairs, { sites: "encoder.layers.1.residual", batchTokens: 6 });
    const values = Float32Array.from(await collect(source));
    const encodings = await model.tokenizer.encode(pairs.sentences.map(({ text }) => text));
    const wanted = await alone(encodings.map(({ ids }) => ids), [], "encoder.layers.1.residual"); // biome-ignore format: one line
    expect(source.table!.text.join("")).toBe("de aabca b c");
    expect(largestDifference(values, wanted)).toBeLessThan(1e-5);
  });

  test("have a row for every token of the targets at the decoder's sites, behind the start", async () => {
    const source = await activations(model, pairs, { sites: "decoder.layers.*.residual", batchTokens: 6 });
    const values = Float32Array.from(await collect(source));
    const sources = (await model.tokenizer.encode(pairs.sentences.map(({ text }) => text))).map(({ ids }) => ids);
    const targets = (await model.tokenizer.encode(["cab a", "e", "d d"])).map(({ ids }) =>
      Uint32Array.of(model.encoder!.start, ...ids),
    );
    const wanted = await alone(sources, targets, "decoder.layers.0.residual");
    const starts = [0, 6, 8];
    const rows = wanted.filter((_, i) => !starts.includes(Math.floor(i / 8)));
    expect(source.table!.text.join("")).toBe("cab aed d");
    expect(largestDifference(values, rows)).toBeLessThan(1e-5);
  });

  test("pool the words of the targets", async () => {
    const source = await activations(model, pairs, { sites: "decoder.embed", rows: "word" });
    expect(source.table!.text).toEqual(["cab", "a", "e", "d", "d"]);
    expect((await collect(source)).length).toBe(5 * 8);
  });

  test("refuse a corpus without targets, sites of both stacks, and keys of the sources", async () => {
    const plain = { ...pairs, sentences: [...pairs.sentences, spacedSentence("a")] };
    const refuse = (corpus: Corpus, sites: string) => expect(activations(model, corpus, { sites })).rejects;
    await refuse(plain, "decoder.embed").toThrow(
      "pairs.tsv: Expected a second column (source<TAB>target) for the decoder to read but sentence 3 has none",
    );
    await refuse(pairs, "*").toThrow("encoder.embed and decoder.embed");
    await refuse(pairs, "embed").toThrow("did you mean encoder.embed or decoder.embed?");
    await refuse(pairs, "decoder.layers.0.cross.key").toThrow("sites whose rows are tokens of their own stack");
    expect((await activations(model, plain, { sites: "encoder.embed" })).rows).toBe(13);
  });
});
