import { afterAll, describe, expect, it } from "vitest";
import { generate } from "../../src/model/generate.js";
import { intervene } from "../../src/model/intervene.js";
import { loadModel } from "../../src/model/load.js";
import type { ForwardRequest, Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { devices, openTestDevice } from "../devices.js";
import { fixturePath } from "../fixtures/model-fixture.js";
import { encoderDecoders } from "../fixtures/seq2seq-fixture.js";

const [first, second] = [Uint32Array.of(3, 1, 4, 1), Uint32Array.of(5, 9)];
const greedy = { tokens: 6, endings: "ignore" } as const;

/** Multiplications and additions of the encoder for some sources. */
async function operationsOfEncoder(model: Model, sources: Uint32Array[]): Promise<number> {
  using forward = model.forward({ sources, sequences: [] });
  await forward.done;
  return forward.operations;
}

/** What is written, and what it costs. */
async function write(model: Model, prompts: readonly Uint32Array[], options: Parameters<typeof generate>[2] = greedy) {
  let cost = 0;
  const texts = await generate(model, prompts, options, { onOperations: (count) => (cost = count) });
  return { ids: texts.map(({ ids }) => [...ids]), ends: texts.map(({ end }) => end), cost };
}

describe.each(devices)("sources that several texts read, on %s", (name, open) => {
  const opened = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());
  const load = async (family: string) => loadModel(fixturePath(family), { device: await opened });
  const some = name.startsWith("webgpu") ? (["bart", "rnn-seq2seq"] as const) : encoderDecoders;

  it.each(some)("of %s give what each text's own would, in any order", async (family) => {
    await using model = await load(family);
    const sequences = [Uint32Array.of(2, 7), Uint32Array.of(2), Uint32Array.of(2, 7, 5), Uint32Array.of(2, 4)];
    const sources = [first, second];
    const sourceOf = Uint32Array.of(1, 0, 0, 1);
    const site = model.sites.findLast(({ name }) => name.endsWith("cross.scores"))!.name;
    const capture = { sites: selectSites(model.sites, "decoder.layers.*.cross.heads") };
    const read = async (own: Pick<ForwardRequest, "sources" | "sourceOf">) => {
      using forward = model.forward({ sequences, ...own, capture, scores: [site] });
      return { values: await forward.captured!.values(), scores: await forward.scores(site), cost: forward.operations };
    };
    const shared = await read({ sources, sourceOf });
    const apart = await read({ sources: Array.from(sourceOf, (number) => sources[number]!) });
    expect(shared.scores.map(({ length }) => length)).toEqual(apart.scores.map(({ length }) => length));
    shared.values.forEach((value, i) => {
      expect(value).toBeCloseTo(apart.values[i]!, 5);
    });
    for (const [s, scores] of shared.scores.entries())
      scores.forEach((value, i) => {
        expect(value).toBeCloseTo(apart.scores[s]![i]!, 5);
      });
    expect(apart.cost - shared.cost).toBeGreaterThanOrEqual(await operationsOfEncoder(model, sources));
  });

  it.each(some)("of %s are read once by all that are written from them, whatever is changed behind", async (family) => {
    await using model = await load(family);
    const site = model.heads === 0 ? "decoder.layers.0.hidden" : "decoder.layers.0.mlp.hidden";
    const changes = [0, 2, 4].map((text) => intervene(`${site}:0-${2 + text}`).set(50 - 30 * text));
    const prompts = [first, second, first, second, first];
    const interventions = [0, 2, 4].map((text, i) => ({ ...changes[i]!, sequence: text }));
    const together = await write(model, prompts, { ...greedy, interventions });
    const alone: Awaited<ReturnType<typeof write>>[] = [];
    for (const [text, prompt] of prompts.entries())
      alone.push(
        await write(model, [prompt], { ...greedy, interventions: text % 2 === 0 ? [changes[text / 2]!] : [] }),
      );
    expect(together.ids).toEqual(alone.map(({ ids }) => ids[0]));
    expect(new Set(together.ids.map(String)).size).toBeGreaterThan(1);
    const encoder = await operationsOfEncoder(model, [first, first, second]);
    const widthOf = (site: string) => model.sites.find(({ name }) => name === site)?.width ?? 0;
    const keys = 10 * model.layers * 2 * widthOf("decoder.embed") * 2 * widthOf("decoder.layers.0.cross.key"); // of 10 tokens
    expect(alone.reduce((sum, { cost }) => sum + cost, 0) - together.cost).toBe(encoder + keys);
  });

  it.each(some)("of %s are read by each text where something is changed in there", async (family) => {
    await using model = await load(family);
    const site = model.sites.find(({ name }) => /^encoder.*hidden$/.test(name))!.name;
    const interventions = [intervene(site).in(1).set(3)];
    const together = await write(model, [first, first], { ...greedy, interventions });
    const alone = await write(model, [first], { ...greedy, interventions: [{ ...interventions[0]!, sequence: 0 }] });
    const untouched = await write(model, [first]);
    expect(together.ids).toEqual([untouched.ids[0], alone.ids[0]]);
    expect(together.cost).toBe(alone.cost + untouched.cost);
  });

  it.each(some)("let texts of %s begin with given ids, and go on as they would have", async (family) => {
    await using model = await load(family);
    const whole = await write(model, [first, second, first]);
    const begun = whole.ids.map((ids, i) => Uint32Array.from(ids.slice(0, 2 * i)));
    const gone = await write(model, [first, second, first], { ...greedy, begun });
    expect(gone.ids).toEqual(whole.ids);
    const other = Uint32Array.of((whole.ids[0]![0]! + 1) % model.vocabulary);
    const changed = await write(model, [first], { ...greedy, begun: [other] });
    expect(changed.ids[0]!.length).toBe(6);
    expect(changed.ids[0]![0]).toBe(other[0]);
    const one = await write(model, [first], { ...greedy, tokens: 1, begun: [other] });
    expect([one.ids[0], one.ends, one.cost]).toEqual([[...other], ["tokens"], 0]);
  });
});

describe("sources that several texts read", () => {
  const opened = openTestDevice("native");
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  it("are refused where they do not fit", async () => {
    await using bart = await loadModel(fixturePath("bart"), { device: await opened });
    await using llama = await loadModel(fixturePath("llama"), { device: await opened });
    const two = { sequences: [second, second], sources: [first] };
    const sourceOf = Uint32Array.of(0, 0);
    const refuse = (model: Model, request: ForwardRequest, message: string) =>
      expect(() => model.forward(request)).toThrow(message);
    refuse(bart, { ...two, sourceOf: Uint32Array.of(0) }, "Expected one for each of 2 sequences for sourceOf but received 1"); // biome-ignore format: one line
    refuse(bart, { ...two, sourceOf: Uint32Array.of(0, 1) }, "Expected numbers below 1 for sourceOf but received 1");
    refuse(
      bart,
      { ...two, sourceOf, texts: 1 },
      "Expected none beside texts, whose copies share sources, for sourceOf",
    );
    const interventions = [intervene("encoder.layers.0.mlp.hidden").in(0).set(1)];
    refuse(bart, { ...two, sourceOf, interventions }, "Expected none where encoder.layers.0.mlp.hidden is changed, for each sequence by itself, for sourceOf"); // biome-ignore format: one line
    refuse(llama, { sequences: [second], sourceOf }, "none for a model without encoder and decoder for sources");
    using begun = bart.forward({ ...two, sourceOf, state: "start" });
    using state = begun.state!;
    refuse(bart, { sequences: two.sequences, sourceOf, state }, "none where a state has read them for sources");
    await begun.done;
  });

  it("are not there for prompts that are read to their end, or beginnings that have an end", async () => {
    await using bart = await loadModel(fixturePath("bart"), { device: await opened });
    await using llama = await loadModel(fixturePath("llama"), { device: await opened });
    await expect(generate(llama, [first], { begun: [second] })).rejects.toThrow("Expected nothing but for encoder-decoders: prompts end with it, for begun"); // biome-ignore format: one line
    await expect(generate(bart, [first], { begun: [] })).rejects.toThrow("one for each of 1 prompts for begun");
    await expect(generate(bart, [first], { tokens: 1, begun: [second] })).rejects.toThrow("Expected ids none of which ends the text but the last for begun[0]"); // biome-ignore format: one line
  });
});
