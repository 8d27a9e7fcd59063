import { expect, test } from "vitest";
import { readCorpus } from "../../src/corpus/read.js";
import { openDevice } from "../../src/device/select.js";
import { maximize } from "../../src/methods/corpus/maximize.js";
import { loadModel } from "../../src/model/load.js";
import { data } from "./folder.js";

test("the byte LSTM's bracket unit is largest inside a bracket, beyond what the corpus has, its space unit at a space", async () => {
  await using device = await openDevice("native");
  await using model = await loadModel(`${data}models/byte-lstm-lm`, { device });
  const corpus = await readCorpus(`${data}corpora/UD_English-EWT/en_ewt-ud-dev.conllu`);
  const some = { ...corpus, sentences: corpus.sentences.slice(0, 100) };
  const neurons = ["layers.1.hidden:216", "layers.1.hidden:421"];
  const { targets } = await maximize(model, neurons, some, { evaluations: 800, restarts: 2 });
  const [bracket, space] = targets;
  expect(bracket!.best.text).toContain("(");
  expect(bracket!.best.value).toBeGreaterThan(0.95);
  expect(bracket!.best.value).toBeGreaterThanOrEqual(bracket!.corpus!.best.value);
  expect(space!.best.text).toMatch(/ $/);
  expect(space!.corpus!.best.text).toMatch(/ $/);
  for (const { searches } of targets) {
    for (const { best } of searches) expect(best.value).toBeGreaterThan(0.9);
  }
});
