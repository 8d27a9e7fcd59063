import { afterAll, expect, it } from "vitest";
import { type Corpus, spacedSentence } from "../../src/corpus/corpus.js";
import { openDevice } from "../../src/device/select.js";
import { ablateEach } from "../../src/methods/causal/ablate-each.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { nextTokenTargets } from "../next-token-targets.js";
import { data } from "./folder.js";

const opened = openDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

const sentences = ["He is late", "So"];
const corpus: Corpus = { path: "x", fingerprint: "f", sentences: sentences.map((text) => spacedSentence(text)) };

/** The mean loss without a unit, each sentence in a pass of its own. */
async function lossWithout(model: Model, site: string, unit: number | null): Promise<number> {
  const encodings = await model.tokenizer.encode(sentences);
  let [sum, count] = [0, 0];
  for (const { ids } of encodings) {
    const change = { site, columns: [unit ?? 0], operation: "set", value: 0 } as const;
    const interventions = unit === null ? [] : [change];
    using forward = model.forward({ sequences: [ids], targets: nextTokenTargets([ids]), interventions });
    sum += (await forward.losses()).reduce((total, loss) => total + loss, 0);
    count += ids.length - 1;
  }
  return sum / count;
}

it("a sweep of every unit of both layers of byte-lstm-lm is that of a pass per unit and sentence", async () => {
  await using model = await loadModel(`${data}models/byte-lstm-lm`, { device: await opened });
  const { scores, sites, baseline } = await ablateEach(model, corpus, { value: "zero", metric: "loss" });
  expect(sites.map(({ name }) => name)).toEqual(["layers.0.hidden", "layers.1.hidden"]);
  const before = await lossWithout(model, "", null);
  expect(Math.abs(baseline - before)).toBeLessThan(1e-5 * before);
  let worst = 0;
  for (const { name, width, offset } of sites) {
    for (let unit = 0; unit < width; unit++) {
      const loss = await lossWithout(model, name, unit);
      worst = Math.max(worst, Math.abs(baseline + scores[offset + unit]! - loss) / loss);
    }
  }
  expect(worst).toBeLessThan(1e-5);
});
