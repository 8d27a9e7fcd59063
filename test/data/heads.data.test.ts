import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCorpus } from "../../src/corpus/read.js";
import { openDevice } from "../../src/device/select.js";
import { loadModel } from "../../src/model/load.js";

const data = join(import.meta.dirname, "../../../shared/data");
const opened = openDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

describe("small-gpt2-sentiment", () => {
  it("classifies .7821 of the SST dev sentences and .7765 of the test sentences as SOURCE.md says", async () => {
    await using model = await loadModel(join(data, "models/small-gpt2-sentiment"), { device: await opened });
    expect(model.head).toEqual({ kind: "sequence-classification", labels: ["LABEL_0", "LABEL_1"] });
    for (const [part, accuracy] of [
      ["dev", 0.7821],
      ["test", 0.7765],
    ] as const) {
      const { sentences } = await readCorpus(join(data, `corpora/sst-binary/${part}.csv`));
      const encodings = await model.tokenizer.encode(sentences.map(({ text }) => text));
      let right = 0;
      for (let first = 0; first < sentences.length; first += 64) {
        const sequences = encodings.slice(first, first + 64).map(({ ids }) => ids);
        const targets = Uint32Array.from(sentences.slice(first, first + 64), ({ labels }) => Number(labels.label));
        using forward = model.forward({ sequences, targets });
        const predictions = await forward.predictions();
        right += targets.filter((target, i) => predictions[i] === target).length;
      }
      expect(right / sentences.length).toBeCloseTo(accuracy, 4);
    }
  });
});
