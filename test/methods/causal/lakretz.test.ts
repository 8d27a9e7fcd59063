import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Corpus, spacedSentence } from "../../../src/corpus/corpus.js";
import type { Device } from "../../../src/device/device.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { loadModel } from "../../../src/model/load.js";
import { devices } from "../../devices.js";
import numbers from "../../fixtures/methods/lakretz.json" with { type: "json" };
import { fixturePath } from "../../fixtures/model-fixture.js";
import { tensorBytes } from "../../fixtures/safetensors-bytes.js";
import { temporaryFolder } from "../../temporary-folder.js";

// bench/peers/make-lakretz-fixtures.py made the numbers, in float64 and on weights that are zeroed.
const characters = "abcdefg";
const text = (ids: readonly number[]) => ids.map((id) => characters[id]).join("");
const corpus: Corpus = {
  path: "x",
  fingerprint: "f",
  sentences: numbers.sentences.map((ids) => spacedSentence(text(ids))),
};
const warmUp = numbers.warmUp.map(text);

const folder = join(temporaryFolder(), "lstm");
mkdirSync(folder);
const tensors = Object.entries(numbers.tensors).map(([name, { shape, values }]) => {
  return [name, { shape, values: Float32Array.from(values) }] as const;
});
const sizes = { vocab_size: characters.length, hidden_size: 5, embedding_size: 5, num_layers: 2 };
const config = { model_type: "rnn_lm", cell: "lstm", ...sizes, tokenizer: "characters", characters };
writeFileSync(join(folder, "config.json"), JSON.stringify(config));
writeFileSync(join(folder, "model.safetensors"), tensorBytes(Object.fromEntries(tensors)));

describe.each(devices)("units of an LSTM behind a warm-up on %s", (_, open) => {
  const opened: Promise<Device> = open();
  const model = opened.then((device) => loadModel(folder, { device }));
  afterAll(async () => {
    await (await model)[Symbol.asyncDispose]();
    await (await opened)[Symbol.asyncDispose]();
  });
  const options = { value: "zero", metric: "loss", warmUp } as const;

  it("are 0 at every step, those of the warm-up included", async () => {
    const { baseline, scores, tokens } = await ablateEach(await model, corpus, options);
    expect(baseline).toBeCloseTo(numbers.before, 5);
    expect(tokens).toBe(8);
    numbers.default.forEach((loss, unit) => {
      expect(scores[unit]).toBeCloseTo(loss - numbers.before, 5);
    });
  });

  it("lose the weights that Lakretz et al. zero", async () => {
    const { scores, options: said } = await ablateEach(await model, corpus, { ...options, compat: "lakretz" });
    numbers.lakretz.forEach((loss, unit) => {
      expect(scores[unit]).toBeCloseTo(loss - numbers.before, 5);
    });
    expect(said).toMatchObject({ compat: "lakretz", warmUp });
  });

  it("are measured on the sentences alone", async () => {
    const metric = "representation";
    const { tokens } = await ablateEach(await model, corpus, { ...options, metric, sites: "layers.1.hidden" });
    expect(tokens).toBe(11);
  });

  it("are refused where there is no such thing", async () => {
    const [lstm, device] = [await model, await opened];
    const lakretz = { value: "zero", metric: "loss", compat: "lakretz" } as const;
    await expect(ablateEach(lstm, corpus, { ...lakretz, value: "mean" })).rejects.toThrow(
      "Expected zero for lakretz for value but received",
    );
    await expect(ablateEach(lstm, corpus, { ...lakretz, sites: "layers.0.cell" })).rejects.toThrow(
      "Expected sites layers.N.hidden for lakretz for sites",
    );
    await expect(ablateEach(lstm, corpus, { ...options, warmUp: [""] })).rejects.toThrow(
      "Expected a sentence with a token for warmUp",
    );
    await using gru = await loadModel(fixturePath("gru"), { device });
    await expect(ablateEach(gru, corpus, lakretz)).rejects.toThrow(
      "nothing for a model that is no LSTM read from left to right for compat",
    );
    await using gpt2 = await loadModel(fixturePath("gpt2"), { device });
    await expect(ablateEach(gpt2, corpus, options)).rejects.toThrow(
      "nothing for a model that carries no state from left to right for warmUp",
    );
    const change = { site: "embed", operation: "set", value: 0, reach: "recurrence" } as const;
    expect(() => lstm.forward({ sequences: [Uint32Array.of(1)], interventions: [change] })).toThrow(
      "nothing but at the site hidden of a recurrent layer for reach",
    );
  });
});
