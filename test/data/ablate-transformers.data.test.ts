import { afterAll, describe, expect, it } from "vitest";
import { type Corpus, spacedSentence } from "../../src/corpus/corpus.js";
import { openDevice } from "../../src/device/select.js";
import { type AblateEachOptions, ablateEach } from "../../src/methods/causal/ablate-each.js";
import { loadModel } from "../../src/model/load.js";
import { loop, readingsOf } from "../methods/causal/logit-loop.js";
import { data } from "./folder.js";

const opened = openDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

const sentences = ["Once upon a time there was", "He is"].map((text) => spacedSentence(text));
const corpus: Corpus = { path: "x", fingerprint: "f", sentences };

/** Layers of MLP neurons: the first, of which most of the model goes on, and the last, whose logits are in closed form. */
const models = [
  { name: "stories260k-llama", sites: "layers.0-4.mlp.hidden", width: 5 * 172 },
  { name: "small-gpt2", sites: ["layers.0.mlp.hidden", "layers.3.mlp.hidden"], width: 2 * 768 },
];

describe.each(models)("a sweep of $name is a pass per unit and sentence, its metric made from logits", (of) => {
  async function largestError(
    options: Pick<AblateEachOptions, "each" | "sites" | "metric">,
    operation: "zero" | "flip",
  ) {
    await using model = await loadModel(`${data}models/${of.name}`, { device: await opened });
    const { scores, sites, baseline } = await ablateEach(model, corpus, { ...options, value: operation });
    const readings = await readingsOf(model, sentences, options.metric, "");
    const change = operation === "zero" ? ({ operation: "set", value: 0 } as const) : ({ operation: "scale", value: -1 } as const); // biome-ignore format: one line
    const before = await loop(model, readings, options.metric, () => [], () => true); // biome-ignore format: one line
    expect(Math.abs(baseline - before.mean)).toBeLessThan(1e-5 * Math.max(1, before.mean));
    let worst = 0;
    for (const { name, width, offset } of sites) {
      for (let unit = 0; unit < width; unit++) {
        const which = options.each === "head" ? { heads: [unit] } : { columns: [unit] };
        const edits = [{ site: name, ...which, ...change }];
        const { mean } = await loop(model, readings, options.metric, () => edits, () => true); // biome-ignore format: one line
        const error = Math.abs(baseline + scores[offset + unit]! - mean) / Math.max(1, mean);
        worst = Math.max(worst, error);
      }
    }
    return { worst, units: scores.length };
  }

  it("of whole layers of neurons, by loss", async () => {
    const { worst, units } = await largestError({ each: "neuron", sites: of.sites, metric: "loss" }, "zero");
    expect(units).toBe(of.width);
    expect(worst).toBeLessThan(1e-5);
  });

  it("of all heads, by divergence", async () => {
    const { worst } = await largestError({ each: "head", metric: "kl" }, "flip");
    expect(worst).toBeLessThan(1e-5);
  });
});
