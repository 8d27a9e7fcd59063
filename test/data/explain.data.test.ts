import { afterAll, expect, test } from "vitest";
import { activations } from "../../src/activations/live.js";
import type { ActivationSource } from "../../src/activations/source.js";
import { columnOfNeuron } from "../../src/core/sites.js";
import { readCorpus } from "../../src/corpus/read.js";
import { openDevice } from "../../src/device/select.js";
import { explain } from "../../src/methods/corpus/explain.js";
import { loadModel } from "../../src/model/load.js";
import { data } from "./folder.js";

const opened = openDevice("native");
afterAll(async () => await (await opened)[Symbol.asyncDispose]());

async function read(
  model: string,
  path: string,
  { sites, rows, sentences }: { sites: string; rows: "token" | "word"; sentences: number },
): Promise<ActivationSource> {
  const corpus = await readCorpus(`${data}corpora/${path}`);
  const part = { ...corpus, sentences: corpus.sentences.slice(0, sentences) };
  const device = await opened;
  return await activations(await loadModel(`${data}models/${model}`, { device }), part, { sites, rows });
}

/** Pearson's r of a column with a yes or no of each row. */
async function correlate(source: ActivationSource, column: number, has: readonly boolean[]): Promise<number> {
  const values: number[] = [];
  for await (const block of source.blocks()) {
    const x = await block.values();
    for (let row = 0; row < block.rows; row++) values.push(x[row * source.columns + column]!);
  }
  const share = has.filter((on) => on).length / has.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const covariance = values.reduce((sum, value, row) => sum + (value - mean) * (Number(has[row]) - share), 0);
  return covariance / values.length / Math.sqrt(variance * share * (1 - share));
}

test("the byte LSTM has space units: a formula says so, and the activation correlates with spaces beyond .8", async () => {
  const source = await read("byte-lstm-lm", "text/wikitext2-valid.txt", {
    sites: "layers.*.hidden",
    rows: "token",
    sentences: 120,
  });
  const spaces = source.table!.text.map((text) => text === " ");
  const share = spaces.filter((on) => on).length / spaces.length;
  const { neurons } = await explain(source, { concepts: "text,form:200", quantile: share, length: 3 });
  const of = (name: string) => neurons.find(({ neuron }) => neuron === name)!;
  expect(of("layers.0.hidden:110").lengths[0]).toMatchObject({ formula: 'text=" "' });
  expect(of("layers.0.hidden:110").iou).toBeGreaterThan(0.65);
  expect(of("layers.1.hidden:421").lengths[0]).toMatchObject({ formula: 'text=" "' });
  expect(of("layers.1.hidden:421").iou).toBeGreaterThan(0.7);
  expect(await correlate(source, of("layers.0.hidden:110").column, spaces)).toBeGreaterThan(0.8);
});

test("over EWT gates of the byte LSTM follow spaces beyond .8: one forgets at every space", async () => {
  const source = await read("byte-lstm-lm", "UD_English-EWT/en_ewt-ud-dev.conllu", {
    sites: "layers.1.gate.forget,layers.1.gate.candidate",
    rows: "token",
    sentences: 300,
  });
  const spaces = source.table!.text.map((text) => text === " ");
  const of = (neuron: string) => correlate(source, columnOfNeuron(source.sites, neuron), spaces);
  expect(await of("layers.1.gate.forget:197")).toBeLessThan(-0.85);
  expect(await of("layers.1.gate.candidate:69")).toBeGreaterThan(0.85);
});

test("the BERT has neurons for full stops, for the indefinite article and you, and for proper names", async () => {
  const source = await read("all-minilm-l6-v2", "UD_English-EWT/en_ewt-ud-dev.conllu", {
    sites: "layers.0-3.residual",
    rows: "word",
    sentences: 600,
  });
  const concepts = "upos,feats,deprel,form:1000";
  const { neurons } = await explain(source, { concepts, quantile: 0.05, length: 3 });
  const of = (name: string) => neurons.find(({ neuron }) => neuron === name)!;
  expect(of("layers.0.residual:63").lengths[0]).toMatchObject({ formula: "form=." });
  expect(of("layers.0.residual:63").iou).toBeGreaterThan(0.6);
  expect(of("layers.0.residual:63").profile.concepts[0]).toMatchObject({ concept: "form=." });
  expect(of("layers.0.residual:63").profile.concepts[0]!.phi).toBeGreaterThan(0.8);
  const article = of("layers.0.residual:141").profile;
  expect(article.kind).toBe("polysemous");
  expect(article.concepts.map(({ concept }) => concept)).toEqual(
    expect.arrayContaining(["feats.Definite=Ind", "form=you"]),
  );
  expect(of("layers.3.residual:157").formula).toMatch(/upos=PROPN/);
});
