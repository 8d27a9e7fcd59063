import { afterAll, describe, expect, it } from "vitest";
import { continueGreedily } from "../../src/model/generate.js";
import { loadModel } from "../../src/model/load.js";
import { meanLoss, streamLoss } from "../../src/model/loss.js";
import type { Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { devices } from "../devices.js";
import { type Family, fixturePath } from "../fixtures/model-fixture.js";

const prompt = Uint32Array.of(3, 1, 4, 1);

describe.each(devices)("on %s", (_, open) => {
  const opened = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());
  const load = async (family: Family) => loadModel(fixturePath(family), { device: await opened });

  /** One whole pass per token, and the largest logit of the last row. */
  async function slowly(model: Model, tokens: number): Promise<number[]> {
    const ids = [...prompt];
    for (let i = 0; i < tokens; i++) {
      const capture = { sites: selectSites(model.sites, "logits") };
      using forward = model.forward({ sequences: [Uint32Array.from(ids)], capture });
      const last = (await forward.captured!.values()).slice(-model.vocabulary);
      ids.push(last.indexOf(Math.max(...last)));
    }
    return ids;
  }

  it.each(["llama", "gpt2", "lstm", "gru"] as const)("%s continues with the likeliest token", async (family) => {
    await using model = await load(family);
    const ids = await continueGreedily(model, prompt, { tokens: 6 });
    expect([...ids]).toEqual(await slowly(model, 6));
  });

  it("stops at an id, at the last position, and at nothing asked for", async () => {
    await using model = await load("llama");
    const all = await continueGreedily(model, prompt, { tokens: 100 });
    expect(all.length).toBe(16);
    expect(await continueGreedily(model, prompt, { tokens: 0 })).toEqual(prompt);
    const stop = all[5]!;
    const stopped = await continueGreedily(model, prompt, { tokens: 100, stop });
    expect(stopped).toEqual(all.subarray(0, all.indexOf(stop, 4) + 1));
  });

  it("feels interventions at every step", async () => {
    await using model = await load("gru");
    const value = new Float32Array(model.vocabulary);
    value[7] = 1e4;
    const interventions = [{ site: "logits", operation: "set", value }] as const;
    const ids = await continueGreedily(model, prompt, { tokens: 3, interventions });
    expect([...ids]).toEqual([3, 1, 4, 1, 7, 7, 7]);
  });

  it("measures the same loss as one stream and as one sequence", async () => {
    await using model = await load("lstm");
    const text = Uint32Array.from({ length: 23 }, (_, i) => (i * i) % 37);
    const whole = await meanLoss(model, [text]);
    for (const batchTokens of [1, 5, 22, 100]) {
      const stream = await streamLoss(model, text, { batchTokens });
      expect(stream.tokens).toBe(22);
      expect(stream.loss).toBeCloseTo(whole.loss, 5);
      expect(stream.accuracy).toBe(whole.accuracy);
    }
  });

  it("measures the same loss in batches of any size", async () => {
    await using model = await load("gpt2");
    const texts = Array.from({ length: 9 }, (_, i) =>
      Uint32Array.from({ length: 1 + ((i * 5) % 11) }, (_, t) => (t * i) % 37),
    );
    const losses = [];
    for (const batchTokens of [1, 7, 1000]) losses.push(await meanLoss(model, texts, { batchTokens }));
    expect(losses[0]!.tokens).toBe(texts.reduce((sum, { length }) => sum + length - 1, 0));
    expect(losses[1]!.loss).toBeCloseTo(losses[0]!.loss, 6);
    expect(losses[2]!.loss).toBeCloseTo(losses[0]!.loss, 6);
  });

  it("refuses an empty prompt, a text that predicts nothing, and a model that does not predict the next token", async () => {
    await using model = await load("llama");
    await expect(continueGreedily(model, new Uint32Array(0), { tokens: 1 })).rejects.toThrow(
      "Expected at least one token for prompt",
    );
    await expect(meanLoss(model, [Uint32Array.of(1)])).rejects.toThrow("Expected a token to predict");
    await expect(streamLoss(model, prompt)).rejects.toThrow("Expected a recurrent one, whose state goes on for model");
    await using masked = await load("bert");
    await expect(continueGreedily(masked, prompt, { tokens: 1 })).rejects.toThrow(
      "one that predicts the next token for model",
    );
    await expect(meanLoss(masked, [prompt])).rejects.toThrow("one that predicts the next token for model");
  });
});
