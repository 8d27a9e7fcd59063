import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCorpus } from "../../src/corpus/read.js";
import { openDevice } from "../../src/device/select.js";
import { generate } from "../../src/model/generate.js";
import { loadModel } from "../../src/model/load.js";
import { meanLoss, streamLoss } from "../../src/model/loss.js";
import type { Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { largestDifference, readReference } from "../fixtures/model-fixture.js";

const data = join(import.meta.dirname, "../../../shared/data");
const opened = openDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

async function load(name: string): Promise<Model> {
  return loadModel(join(data, "models", name), { device: await opened });
}

/** The EWT dev sentences as a model reads them. */
async function sentences(model: Model): Promise<Uint32Array[]> {
  const corpus = await readCorpus(join(data, "corpora/UD_English-EWT/en_ewt-ud-dev.conllu"));
  const encodings = await model.tokenizer.encode(corpus.sentences.map(({ text }) => text));
  return encodings.map(({ ids }) => ids);
}

describe("stories260k-llama", () => {
  it("continues greedily as llama2.c does, token for token", async () => {
    await using model = await load("stories260k-llama");
    const expected = JSON.parse(readFileSync(join(model.path, "expected.json"), "utf8"));
    const tokens = expected.ids.length - 1;
    const [story] = await generate(model, [Uint32Array.of(1)], { tokens, endings: "ignore" });
    expect([1, ...story!.ids]).toEqual(expected.ids);
    expect(story!.text.trim()).toBe(expected.text.trim());
  });

  it("loses 4.4903 nats a token on the EWT dev sentences", async () => {
    await using model = await load("stories260k-llama");
    const { loss, tokens } = await meanLoss(model, await sentences(model));
    expect(tokens).toBe(76_269);
    expect(loss).toBeCloseTo(4.4903, 4);
  });
});

describe("all-minilm-l6-v2", () => {
  const sentences = ["The quick brown fox doesn't jump over the lazy dog.", "Naïve cafés, 日本 & co.: 3.14!", "no"];

  it("gives the tokens, hidden states, attention outputs and MLP activations that transformers gives", async () => {
    await using model = await load("all-minilm-l6-v2");
    const { sequences, tensors, rows } = await readReference(
      join(import.meta.dirname, "../fixtures/models/minilm-reference.safetensors"),
    );
    expect((await model.tokenizer.encode(sentences)).map(({ ids }) => ids)).toEqual(sequences);
    expect(model.unused).toEqual(["embeddings.position_ids", "pooler.dense.bias", "pooler.dense.weight"]);
    const sites = selectSites(model.sites, [...tensors.keys()]);
    const chosen = { starts: rows, ends: rows.map((row) => row + 1), pool: "first" } as const;
    using forward = model.forward({ sequences, capture: { sites, rows: chosen } });
    const values = await forward.captured!.values();
    const columns = forward.captured!.columns;
    for (const { name, width, offset } of sites) {
      const own = Float32Array.from(
        { length: rows.length * width },
        (_, i) => values[Math.floor(i / width) * columns + offset + (i % width)]!,
      );
      expect(largestDifference(own, tensors.get(name)!), name).toBeLessThan(1e-4);
    }
  });
});

describe("small-gpt2", () => {
  it("loses 4.8710 nats a token on the EWT dev sentences", async () => {
    await using model = await load("small-gpt2");
    const { loss, tokens } = await meanLoss(model, await sentences(model));
    expect(tokens).toBe(37_891);
    expect(loss).toBeCloseTo(4.871, 4);
  });
});

describe("byte-lstm-lm", () => {
  it("loses 1.9008 bits a byte on the EWT dev sentences", async () => {
    await using model = await load("byte-lstm-lm");
    const { loss } = await meanLoss(model, await sentences(model));
    expect(loss / Math.LN2).toBeCloseTo(1.9008, 4);
  }, 120_000);

  it("loses as many bits a byte on a text read as one stream as torch.nn.LSTM does", async () => {
    await using model = await load("byte-lstm-lm");
    const bytes = readFileSync(join(data, "corpora/text/wikitext2-test.txt")).subarray(0, 10_000);
    const { loss, tokens } = await streamLoss(model, Uint32Array.from(bytes), { batchTokens: 1500 });
    expect(tokens).toBe(9_999);
    expect(loss / Math.LN2).toBeCloseTo(2.36791, 4);
  });
});
