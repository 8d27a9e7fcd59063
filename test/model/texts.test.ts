import { afterAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import type { Intervention } from "../../src/model/interventions.js";
import { loadModel } from "../../src/model/load.js";
import { type ForwardRequest, type Model, NO_TARGET } from "../../src/model/model.js";
import { type ModelSite, selectSites } from "../../src/model/sites.js";
import { devices } from "../devices.js";
import {
  decoders,
  encoders,
  type Family,
  fixturePath,
  largestDifference,
  readExpected,
  recurrent,
} from "../fixtures/model-fixture.js";
import { type EncoderDecoder, encoderDecoders, readExpectedStacks } from "../fixtures/seq2seq-fixture.js";

/** Sums may be cut elsewhere; losses are of size 1 to 10. */
const tolerance = 1e-5;

const ids = (...values: number[]) => Uint32Array.from(values);

/** A target for every token, or for every sequence of a classifier of them. */
function targetsOf({ head, vocabulary }: Model, sequences: readonly Uint32Array[]): Uint32Array {
  const classes = head.labels.length || vocabulary;
  if (head.kind === "sequence-classification") return Uint32Array.from(sequences, ([id]) => id! % classes);
  return Uint32Array.from(
    sequences.flatMap((sequence) => [...sequence]),
    (id) => id % classes,
  );
}

/** The same for the last token of each sequence only. */
function lastOnly(targets: Uint32Array, sequences: readonly Uint32Array[]): Uint32Array {
  if (targets.length === sequences.length) return targets;
  const last = sequences.flatMap(({ length }) => Array.from({ length }, (_, t) => t === length - 1));
  return targets.map((target, token) => (last[token] ? target : NO_TARGET));
}

async function lossesOf(model: Model, request: ForwardRequest): Promise<Float32Array> {
  using forward = model.forward(request);
  return await forward.losses();
}

async function comparisonOf(model: Model, request: ForwardRequest): Promise<Float32Array> {
  using forward = model.forward(request);
  const [distances, divergences] = [await forward.distances(), request.targets ? await forward.divergences() : []];
  return Float32Array.of(...distances, ...divergences);
}

/** Three copies of the texts are changed at a site, at all positions, at the first and at the last; the first is not. */
function changesOf({ name, rows, width }: Pick<ModelSite, "name" | "rows" | "width">, texts: number): Intervention[] {
  const at = (positions: readonly number[] | "last") => (rows === "sequence" ? {} : { positions });
  const column = width === 1 || width === null ? 0 : 1;
  return [
    { site: name, columns: [0], operation: "scale", value: -1, sequence: [texts, 2 * texts] },
    { site: name, columns: [column], operation: "add", value: 0.5, sequence: 2 * texts, ...at([0]) },
    { site: name, columns: [column], operation: "add", value: 0.5, sequence: [3 * texts, 4 * texts], ...at("last") },
  ];
}

/** One of each order of norms and sums: a GPU in software takes seconds for each site. */
const kinds: readonly Family[] = ["gpt2", "gpt-j", "gemma2", "bert-sequences", "xlnet", "lstm", "gru", "rnn-tagger"];

describe.each(devices)("copies of texts on %s", (device, open) => {
  const opened: Promise<Device> = open();
  const models = new Map<Family | EncoderDecoder, Promise<Model>>();
  const load = (family: Family | EncoderDecoder) => {
    const loaded = models.get(family) ?? opened.then((device) => loadModel(fixturePath(family), { device }));
    models.set(family, loaded);
    return loaded;
  };
  afterAll(async () => {
    for (const model of models.values()) await (await model)[Symbol.asyncDispose]();
    await (await opened)[Symbol.asyncDispose]();
  });

  const native = device === "native";
  it.each(native ? [...encoders, ...decoders, ...recurrent] : kinds)(
    "of %s give what each gives when it is read from its beginning, whatever the site that is changed",
    async (family) => {
      const model = await load(family);
      const texts = (await readExpected(family)).sequences.slice(0, native ? 4 : 1);
      const sequences = Array.from({ length: 4 }, () => texts).flat();
      const targets = /none|scores/.test(model.head.kind) ? null : targetsOf(model, sequences);
      const compareWith = Uint32Array.from(sequences, (_, s) => s % texts.length);
      const looked = model.sites.filter(({ name }) => native || /1.*(value|hidden)/.test(name));
      for (const site of looked) {
        const { name } = site;
        const request = { sequences, interventions: changesOf(site, texts.length) };
        const compared = { ...request, ...(targets && { targets }), compareWith };
        const comparison = await comparisonOf(model, { ...compared, texts: texts.length });
        expect(largestDifference(comparison, await comparisonOf(model, compared)), name).toBeLessThan(tolerance);
        if (!targets) continue;
        const last = lastOnly(targets, sequences);
        const plain = await lossesOf(model, { ...request, targets });
        const shared = await lossesOf(model, { ...request, targets, texts: texts.length });
        const few = await lossesOf(model, { ...request, targets: last, texts: texts.length });
        expect(largestDifference(shared, plain), name).toBeLessThan(tolerance);
        const read = plain.map((loss, token) => (last[token] === NO_TARGET ? 0 : loss));
        expect(largestDifference(few, read), `${name}, last`).toBeLessThan(tolerance);
        expect(shared, name).not.toEqual(await lossesOf(model, { sequences, targets }));
      }
    },
  );

  it.each(native ? encoderDecoders : (["bart", "rnn-seq2seq"] as const))(
    "of %s share their sources and give what each gives by itself, whatever the site that is changed",
    async (family) => {
      const model = await load(family);
      const expected = await readExpectedStacks(family);
      const count = native ? expected.sequences.length : 1;
      const texts = expected.sequences.slice(0, count);
      const sequences = Array.from({ length: 4 }, () => texts).flat();
      const sources = Array.from({ length: 4 }, () => expected.sources.slice(0, count)).flat();
      const targets = targetsOf(model, sequences);
      const compareWith = Uint32Array.from(sequences, (_, s) => s % texts.length);
      const looked = model.sites.filter(({ name }) => native || /0.*(value|hidden|cross.heads)/.test(name));
      for (const site of looked) {
        const { name } = site;
        const request = { sequences, sources, targets, interventions: changesOf(site, texts.length) };
        const losses = await lossesOf(model, { ...request, texts: texts.length });
        expect(largestDifference(losses, await lossesOf(model, request)), name).toBeLessThan(tolerance);
        expect(losses, name).not.toEqual(await lossesOf(model, { sequences, sources, targets }));
        const compared = { ...request, compareWith };
        const comparison = await comparisonOf(model, { ...compared, texts: texts.length });
        expect(largestDifference(comparison, await comparisonOf(model, compared)), name).toBeLessThan(tolerance);
      }
    },
  );

  it.each<[Family, string, string]>([
    ["gpt2", "layers.1.mlp.pre", "layers.1.attention.out,layers.1.residual,logits"],
    ["lstm", "layers.1.gate.forget", "layers.1.hidden,layers.1.gate.output,logits"],
    ["rnn-tagger", "layers.1.forward.cell", "layers.0.backward.hidden,layers.1.forward.hidden,logits"],
  ])("of %s are captured from the first site that is kept on", async (family, changed, kept) => {
    const model = await load(family);
    const sequences = Array.from({ length: 4 }, () => [ids(3, 1, 4), ids(1, 5)]).flat();
    const sites = selectSites(model.sites, kept);
    const values = async (more: Partial<ForwardRequest>) => {
      const interventions = changesOf({ name: changed, width: null }, 2);
      using forward = model.forward({ sequences, capture: { sites }, interventions, ...more });
      return await forward.captured!.values();
    };
    expect(largestDifference(await values({ texts: 2 }), await values({}))).toBeLessThan(tolerance);
  });

  it("cost a recurrent network what comes behind the first token that is changed, and in front of the last target", async () => {
    const model = await load("lstm");
    const [text, copies] = [ids(3, 1, 4, 1, 5, 2), 20];
    const sequences = Array.from({ length: copies }, () => text);
    const sites = new Map(model.sites.map(({ name, width }) => [name, width!]));
    const [embedding, width] = [sites.get("embed")!, sites.get("layers.0.hidden")!];
    const cost = async (site: string, positions: readonly number[] | "last", asked: readonly number[]) => {
      const targets = Uint32Array.from(sequences.flatMap(() => [...text.keys()]), (t) => (asked.includes(t) ? 1 : NO_TARGET)); // biome-ignore format: one line
      const change = { site, columns: [0], operation: "add", value: 1, positions } as const;
      const interventions = Array.from({ length: copies - 1 }, (_, s) => ({ ...change, sequence: s + 1 }));
      using forward = model.forward({ sequences, texts: 1, targets, interventions });
      await forward.done;
      return forward.operations;
    };
    const [input, recurrent, logits] = [8 * embedding * width, 8 * width * width, 2 * width * model.vocabulary];
    const all = [...text.keys()];
    // Nothing is multiplied at a first step. Layer 1 has inputs as wide as its state.
    expect(await cost("layers.1.hidden", all, all)).toBe(6 * input + 5 * recurrent + 6 * recurrent + 20 * (5 * recurrent + 6 * logits)); // biome-ignore format: one line
    expect(await cost("layers.1.hidden", "last", all)).toBe(6 * input + 5 * recurrent + 6 * recurrent + (4 + 20) * recurrent + (5 + 20) * logits); // biome-ignore format: one line
    expect(await cost("layers.0.cell", [2], [0, 3])).toBe(6 * input + (1 + 2 * 20) * recurrent + (2 + 2 * 20) * recurrent + (1 + 2 * 20) * recurrent + (1 + 20) * logits); // biome-ignore format: one line
  });

  it("are refused where they are none, where texts go on, and where copies cannot be one", async () => {
    const gpt2 = await load("gpt2");
    const three = [ids(1, 2), ids(1, 2), ids(1, 3)];
    expect(() => gpt2.forward({ sequences: three, texts: 1 })).toThrow(
      "Expected a copy of sequence 0 for sequences[2]",
    );
    expect(() => gpt2.forward({ sequences: three, texts: 2 })).toThrow(
      "Expected a whole number that divides the 3 sequences for texts but received 2",
    );
    const changed = new Uint8Array(3);
    expect(() => gpt2.forward({ sequences: three, changed })).toThrow("Expected none without texts for changed");
    expect(() => gpt2.forward({ sequences: [...three, ...three], texts: 3, changed })).toThrow("values for changed but received 3"); // biome-ignore format: one line
    expect(() => gpt2.forward({ sequences: three.slice(0, 2), texts: 1, state: "start" })).toThrow(
      "Expected none for texts that go on in another batch for texts",
    );
    const bart = await load("bart");
    expect(() => bart.forward({ sequences: three.slice(0, 2), sources: three.slice(1), texts: 1 })).toThrow(
      "Expected a copy of source 0 for sources[1]",
    );
  });
});
