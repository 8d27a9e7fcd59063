import { afterAll, describe, expect, test } from "vitest";
import { activations } from "../../src/activations/live.js";
import type { ActivationSource } from "../../src/activations/source.js";
import { alignWords } from "../../src/corpus/alignment.js";
import { type Corpus, spacedSentence } from "../../src/corpus/corpus.js";
import { readCorpus } from "../../src/corpus/read.js";
import { openDevice } from "../../src/device/select.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { data } from "./folder.js";

const opened = openDevice("native");
afterAll(async () => await (await opened)[Symbol.asyncDispose]());
const load = async (name: string) => await loadModel(`${data}models/${name}`, { device: await opened });
const treebank = async (sentences: number): Promise<Corpus> => {
  const corpus = await readCorpus(`${data}corpora/UD_English-EWT/en_ewt-ud-dev.conllu`);
  return { ...corpus, sentences: corpus.sentences.slice(0, sentences) };
};

async function rowsOf(source: ActivationSource): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for await (const block of source.blocks()) {
    const values = await block.values();
    for (let row = 0; row < block.rows; row++) {
      rows.push(values.subarray(row * source.columns, (row + 1) * source.columns));
    }
  }
  return rows;
}

/** One sequence by itself. */
async function readAlone(model: Model, ids: Uint32Array, selector: string): Promise<Float32Array[]> {
  using forward = model.forward({ sequences: [ids], capture: { sites: selectSites(model.sites, selector) } });
  const values = await forward.captured!.values();
  const { columns } = forward.captured!;
  return Array.from(ids, (_, token) => values.subarray(token * columns, (token + 1) * columns));
}

function expectClose(row: Float32Array, expected: ArrayLike<number>, name: string): void {
  expect(row.length).toBe(expected.length);
  const most = row.reduce((largest, value, i) => Math.max(largest, Math.abs(value - expected[i]!)), 0);
  expect(most, name).toBeLessThan(2e-4); // float32 in another order of sums
}

describe.each(["all-minilm-l6-v2", "small-gpt2", "stories260k-llama"])("words of EWT dev in %s", (name) => {
  test("are the means of their tokens, in every batch as in a sentence alone", async () => {
    await using model = await load(name);
    const corpus = await treebank(60);
    const rows = await rowsOf(
      await activations(model, corpus, { sites: "layers.*.residual", rows: "word", pool: "mean" }),
    );
    let row = 0;
    for (const { text, words } of corpus.sentences) {
      const [encoding] = await model.tokenizer.encode([text]);
      const alone = await readAlone(model, encoding!.ids, "layers.*.residual");
      for (const tokens of alignWords(words, encoding!).tokens) {
        const mean = alone[0]!.map((_, c) => tokens.reduce((sum, t) => sum + alone[t]![c]!, 0) / tokens.length);
        expectClose(rows[row++]!, mean, `row ${row - 1} of ${text}`);
      }
    }
    expect(row).toBe(rows.length);
  });
});

test("a text beyond BERT's positions is read in windows, each as a text of its own", async () => {
  await using model = await load("all-minilm-l6-v2");
  const text = Array.from({ length: 700 }, (_, i) => ["stone", "river", "unbelievably"][i % 3]).join(" ");
  const corpus = { path: "x", fingerprint: "f", sentences: [spacedSentence(text)] };
  const options = { sites: "layers.5.residual", rows: "word" } as const;
  await expect(activations(model, corpus, options)).rejects.toThrow("Expected at most 512 tokens (or windows of them)");
  const rows = await rowsOf(await activations(model, corpus, { ...options, long: "windows" }));
  expect(rows).toHaveLength(700);
  const [encoding] = await model.tokenizer.encode([text]);
  const { ids } = encoding!;
  const { tokens } = alignWords(corpus.sentences[0]!.words, encoding!);
  const cut = Math.max(...tokens.map((own) => own.at(-1)! + 1).filter((end) => end <= 511));
  const alone = await readAlone(model, Uint32Array.of(...ids.subarray(0, cut), ids.at(-1)!), "layers.5.residual");
  tokens.forEach((own, word) => {
    if (own.at(-1)! < cut) expectClose(rows[word]!, alone[own.at(-1)!]!, `word ${word}`);
  });
});
