import { expect, test } from "vitest";
import { activations } from "../../src/activations/live.js";
import { neuronName } from "../../src/core/sites.js";
import { readCorpus } from "../../src/corpus/read.js";
import { openDevice } from "../../src/device/select.js";
import { conditionalVariance } from "../../src/methods/visualization/conditional-variance.js";
import { loadModel } from "../../src/model/load.js";
import { data } from "./folder.js";

test("a unit of the byte LSTM follows brackets in an encyclopaedia, far before all others", async () => {
  await using device = await openDevice("native");
  await using model = await loadModel(`${data}models/byte-lstm-lm`, { device });
  const corpus = await readCorpus(`${data}corpora/text/wikitext2-valid.txt`);
  const some = { ...corpus, sentences: corpus.sentences.slice(0, 70) };
  const source = await activations(model, some, { sites: "layers.*.cell" });
  const { order, scores } = await conditionalVariance(source, { concept: "inside-brackets" });
  expect(neuronName(source.sites, order[0]!)).toBe("layers.1.cell:216");
  expect(scores[order[0]!]).toBeGreaterThan(0.25);
  expect(scores[order[0]!]).toBeGreaterThan(3 * scores[order[1]!]!);
});
