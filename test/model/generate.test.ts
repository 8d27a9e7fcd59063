import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { generate } from "../../src/model/generate.js";
import { intervene } from "../../src/model/intervene.js";
import type { Intervention } from "../../src/model/interventions.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { devices, openTestDevice } from "../devices.js";
import { families, fixturePath } from "../fixtures/model-fixture.js";
import { encoderDecoders } from "../fixtures/seq2seq-fixture.js";
import { temporaryFolder } from "../temporary-folder.js";

const copies = temporaryFolder();
const prompt = Uint32Array.of(3, 1, 4, 1);
const prompts = [prompt, Uint32Array.of(5, 9), Uint32Array.of(2, 6, 5, 3, 5)];
const sitesOf = (model: Model) => (model.heads === 0 ? "layers.0.hidden" : "layers.0.mlp.hidden");

/** All families that predict the next token and have a fixture. */
const causal = [...families, ...encoderDecoders].filter(
  (family) => !/bert|electra|xlnet|encoder$|^rnn-(tagger|classifier)/.test(family),
);

describe.each(devices)("on %s", (name, open) => {
  const opened = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());
  const load = async (fixture: string) => loadModel(fixturePath(fixture), { device: await opened });

  /** Some fixtures are classifiers: the same weights as a language model, whose head is its word embeddings. */
  async function loadLanguageModel(fixture: string): Promise<Model> {
    const path = fixturePath(fixture);
    const config = JSON.parse(readFileSync(join(path, "config.json"), "utf8"));
    const [given = ""] = config.architectures ?? [];
    const architecture = given.replace(/For(Sequence|Token)Classification$/, "ForCausalLM");
    if (architecture === given) return await load(fixture);
    const folder = join(copies, fixture);
    cpSync(path, folder, { recursive: true });
    writeFileSync(
      join(folder, "config.json"),
      JSON.stringify({ ...config, architectures: [architecture], tie_word_embeddings: true }),
    );
    return await loadModel(folder, { device: await opened });
  }

  /** One whole pass per token, and the largest logit of the last row. */
  async function slowly(
    model: Model,
    prompt: Uint32Array,
    tokens: number,
    interventions: readonly Intervention[] = [],
  ) {
    const ids = model.encoder ? [model.encoder.start] : [...prompt];
    const first = ids.length;
    const site = model.sites.find(({ name }) => /(^|\.)logits$/.test(name))!.name;
    while (ids.length < Math.min(first + tokens, model.maximumTokens)) {
      const request = { sequences: [Uint32Array.from(ids)], ...(model.encoder && { sources: [prompt] }) };
      const capture = { sites: selectSites(model.sites, site) };
      const reached = interventions.map((one) => {
        return {
          ...one,
          ...(typeof one.positions === "object" && { positions: one.positions.filter((p) => p < ids.length) }),
        };
      });
      using forward = model.forward({ ...request, capture, interventions: reached });
      const last = (await forward.captured!.values()).slice(-model.vocabulary);
      ids.push(last.indexOf(Math.max(...last)));
    }
    return ids.slice(first);
  }

  const some = name.startsWith("webgpu") ? ["llama", "gpt2", "lstm", "bart"] : causal;
  it.each(some)("%s continues several texts with what whole passes give, neurons changed or not", async (family) => {
    await using model = await loadLanguageModel(family);
    const layer = model.encoder ? "decoder." : "";
    const site = `${layer}${sitesOf(model)}`;
    const interventions = [intervene(`${site}:1-4`).set(1.5), intervene(`${site}:2`).at([0, 3, 6]).add(1)];
    for (const some of [[], interventions]) {
      const written = await generate(model, prompts, { tokens: 7, endings: "ignore", interventions: some });
      for (const [i, { ids }] of written.entries()) expect([...ids]).toEqual(await slowly(model, prompts[i]!, 7, some));
    }
  });

  it("lets each prompt have interventions of its own, heads and last tokens among them", async () => {
    await using model = await load("llama");
    const [site, heads] = ["layers.1.residual", "layers.0.attention.heads"];
    const own = [intervene(`${site}:0-5`).set(3), intervene(heads).heads(1).zero()];
    const interventions = [intervene(`${site}:0-5`).in(1).set(3), intervene(heads).heads(1).in([0, 1]).zero()];
    const written = await generate(model, prompts, { tokens: 6, endings: "ignore", interventions });
    for (const [i, { ids }] of written.entries()) {
      expect([...ids]).toEqual(await slowly(model, prompts[i]!, 6, [[own[1]!], [own[0]!], []][i]));
    }
    const last = await generate(model, [prompt], { tokens: 5, endings: "ignore", interventions: [intervene(`${site}:0-5`).at("last").set(3)] }); // biome-ignore format: one line
    const from = intervene(`${site}:0-5`).at(Array.from({ length: 9 }, (_, i) => i + 3));
    const behind = await generate(model, [prompt], { tokens: 5, endings: "ignore", interventions: [from.set(3)] });
    expect(last[0]!.ids).toEqual(behind[0]!.ids);
  });

  it("submits once a step, however long the text is, and compiles no plan twice", async () => {
    await using model = await load("gpt2");
    await generate(model, [prompt], { tokens: 3, endings: "ignore" });
    const before = model.device.submits;
    const [written] = await generate(model, [prompt], { tokens: 9, endings: "ignore" });
    expect(written!.ids.length).toBe(9);
    expect(model.device.submits - before).toBe(9);
  });

  it("ends at an id, a string, the last position, and at nothing asked for", async () => {
    await using model = await load("llama");
    const [all] = await generate(model, [prompt], { tokens: 100, endings: "ignore" });
    expect([all!.ids.length, all!.end]).toEqual([12, "positions"]);
    const [none] = await generate(model, [prompt], { tokens: 0 });
    expect([none!.ids.length, none!.text, none!.end]).toEqual([0, "", "tokens"]);
  });

  it("feels interventions at every step", async () => {
    await using model = await load("gru");
    const value = new Float32Array(model.vocabulary);
    value[7] = 1e4;
    const [written] = await generate(model, [prompt], { tokens: 3, interventions: [intervene("logits").set(value)] });
    expect([...written!.ids]).toEqual([7, 7, 7]);
  });

  it("chooses at random the same alone and beside others, by seed, among the likeliest", async () => {
    await using model = await load("llama");
    const options = { tokens: 8, endings: "ignore", temperature: 1.5, topK: 20, topP: 0.9, seed: 3 } as const;
    const together = await generate(model, [prompt, prompt, ...prompts], options);
    const [alone] = await generate(model, [prompt], options);
    expect(alone!.ids).toEqual(together[0]!.ids);
    expect(together[1]!.ids).not.toEqual(together[0]!.ids);
    await using native = await openTestDevice("native");
    await using other = await loadModel(fixturePath("llama"), { device: native });
    const there = await generate(other, [prompt, prompt, ...prompts], options); // the same draws on every device
    expect(there.map(({ ids }) => ids)).toEqual(together.map(({ ids }) => ids));
    const [seeded] = await generate(model, [prompt], { ...options, seed: 4 });
    expect(seeded!.ids).not.toEqual(alone!.ids);
    const [one] = await generate(model, [prompt], { ...options, topK: 1 });
    expect([...one!.ids]).toEqual(await slowly(model, prompt, 8));
    const [penalized] = await generate(model, [prompt], { tokens: 8, endings: "ignore", repetitionPenalty: 1e6 });
    const ids = [...prompt, ...penalized!.ids];
    expect(new Set(ids).size).toBe(ids.length - 1); // the prompt has 1 twice
  });

  it("refuses an empty prompt, options out of range, and a model that does not predict the next token", async () => {
    await using model = await load("llama");
    await expect(generate(model, [new Uint32Array(0)])).rejects.toThrow(
      "Expected a text of at least one token, as the tokenizer adds none that begins a text for prompt",
    );
    await expect(generate(model, [prompt, new Uint32Array(17)])).rejects.toThrow("Expected at most 16 tokens (the model's positions) for prompts[1] but received 17"); // biome-ignore format: one line
    await expect(generate(model, [prompt], { topK: 0 })).rejects.toThrow("Expected a positive integer for topK");
    await expect(generate(model, [prompt], { topP: 0, temperature: 1 })).rejects.toThrow("for topP but received 0");
    await expect(generate(model, [prompt], { stop: "" })).rejects.toThrow("strings that are not empty for stop");
    await expect(generate(model, [])).rejects.toThrow("Expected at least one text for prompts");
    const wrong = [intervene("layers.7.residual:0").zero()];
    await expect(generate(model, [prompt], { interventions: wrong })).rejects.toThrow("Expected a site of the model");
    await using masked = await load("bert");
    await expect(generate(masked, [prompt])).rejects.toThrow("one that predicts the next token for model");
  });
});
