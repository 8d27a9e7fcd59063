import { afterAll, describe, expect, it } from "vitest";
import { type Corpus, pairedSentence } from "../../../src/corpus/corpus.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { loadModel } from "../../../src/model/load.js";
import { devices } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";

const corpus: Corpus = {
  path: "pairs.tsv",
  fingerprint: "f",
  sentences: [pairedSentence("de a", "cab a"), pairedSentence("abc", "e")],
};

describe.each(devices)("ablation of an encoder-decoder on %s", (_, open) => {
  const opened = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  it("measures the targets, teacher-forced, beside the sources", async () => {
    await using model = await loadModel(fixturePath("bart"), { device: await opened });
    const sites = "decoder.layers.0.cross.heads";
    const result = await ablateEach(model, corpus, { each: "layer", sites, value: "zero", metric: "loss" });
    const [sources, targets] = [
      await model.tokenizer.encode(["de a", "abc"]),
      await model.targetTokenizer.encode(["cab a", "e"]),
    ];
    const loss = async (interventions: { site: string; operation: "set"; value: number }[]) => {
      using forward = model.forward({
        sources: sources.map(({ ids }) => ids),
        sequences: targets.map(({ ids }) => Uint32Array.of(model.encoder!.start, ...ids.subarray(0, -1))),
        targets: Uint32Array.from(targets.flatMap(({ ids }) => [...ids])),
        interventions,
      });
      return (await forward.losses()).reduce((sum, value) => sum + value, 0) / 6;
    };
    const before = await loss([]);
    expect(result.baseline).toBeCloseTo(before, 4);
    const after = await loss([{ site: sites, operation: "set", value: 0 }]);
    expect(result.scores[0]).toBeCloseTo(after - before, 4);
    expect(Math.abs(after - before)).toBeGreaterThan(1e-3);
  });

  it("refuses sites of the encoder, whose tokens the metric is not of", async () => {
    await using model = await loadModel(fixturePath("bart"), { device: await opened });
    const options = { each: "layer", sites: "encoder.layers.0.mlp.hidden", value: "zero", metric: "loss" } as const;
    await expect(ablateEach(model, corpus, options)).rejects.toThrow(
      "sites of the decoder, whose tokens the metric is of",
    );
  });
});
