import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openDevice } from "../../src/device/select.js";
import { generate } from "../../src/model/generate.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { largestDifference, readMiniLmReference, tolerance } from "../fixtures/model-fixture.js";

const data = join(import.meta.dirname, "../../../shared/data");
const opened = openDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

async function load(name: string): Promise<Model> {
  return loadModel(join(data, "models", name), { device: await opened });
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
});

describe("all-minilm-l6-v2", () => {
  const sentences = ["The quick brown fox doesn't jump over the lazy dog.", "Naïve cafés, 日本 & co.: 3.14!", "no"];

  it("gives the tokens, hidden states, attention outputs and MLP activations that transformers gives", async () => {
    await using model = await load("all-minilm-l6-v2");
    const { sequences, tensors, rows } = await readMiniLmReference();
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
      expect(largestDifference(own, tensors.get(name)!), name).toBeLessThan(tolerance);
    }
  });
});
