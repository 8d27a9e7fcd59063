import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import { intervene } from "../../src/model/intervene.js";
import type { Intervention } from "../../src/model/interventions.js";
import { loadModel } from "../../src/model/load.js";
import type { ForwardRequest, Model, TextState } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { devices } from "../devices.js";
import { families, fixturePath, largestDifference } from "../fixtures/model-fixture.js";
import { recurrentEncoderDecoders } from "../fixtures/seq2seq-fixture.js";

const ids = (...values: number[]) => Uint32Array.from(values);
const texts = [ids(3, 1, 4, 1, 5, 9, 2, 6), ids(5, 3, 5, 8, 9, 7, 9, 3), ids(2, 3, 8, 4, 6, 2, 6, 4)];

/** Reads texts piece by piece, all in one batch. @returns a site's rows of each text */
async function read(
  model: Model,
  texts: readonly Uint32Array[],
  cuts: readonly (readonly number[])[],
  { site, ...more }: { readonly site: string } & Partial<ForwardRequest>,
): Promise<Float32Array[]> {
  const sites = selectSites(model.sites, site);
  const rows: number[][] = texts.map(() => []);
  let state: TextState | "start" = "start";
  for (const [n, cut] of cuts.entries()) {
    const sequences = texts.map((text, s) => text.subarray(cuts[n - 1]?.[s] ?? 0, cut[s]));
    using forward: ReturnType<Model["forward"]> = model.forward({ sequences, state, capture: { sites }, ...more });
    const values = await forward.captured!.values();
    const width = forward.captured!.columns;
    for (const [s, own] of rows.entries()) {
      own.push(...values.subarray(forward.starts[s]! * width, forward.starts[s + 1]! * width));
    }
    if (state !== "start") state[Symbol.dispose]();
    state = forward.state!;
    expect([...state.lengths]).toEqual([...cut]);
  }
  if (state !== "start") state[Symbol.dispose]();
  return rows.map((own) => Float32Array.from(own));
}

describe.each(devices)("on %s", (name, open) => {
  const native = name === "native"; // a software GPU takes minutes for all of them
  const opened: Promise<Device> = open();
  const models = new Map<string, Promise<Model>>();
  const load = (path: string) => {
    const loaded = models.get(path) ?? opened.then((device) => loadModel(path, { device }));
    models.set(path, loaded);
    return loaded;
  };
  afterAll(async () => {
    for (const model of models.values()) await (await model)[Symbol.asyncDispose]();
    await (await opened)[Symbol.asyncDispose]();
  });

  /** What whole texts give against texts that are read in pieces. */
  async function compare(model: Model, site: string, interventions: readonly Intervention[] = []) {
    const capture = { sites: selectSites(model.sites, site) };
    using forward = model.forward({ sequences: texts, capture, interventions });
    const [all, width] = [await forward.captured!.values(), forward.captured!.columns];
    const whole = texts.map((_, s) => all.slice(forward.starts[s]! * width, forward.starts[s + 1]! * width));
    const cuts = [[3, 1, 5], [4, 4, 6], [5, 5, 7], [8, 8, 8]]; // biome-ignore format: one line
    const pieces = await read(model, texts, cuts, { site, interventions });
    const differences = pieces.map((own, s) => largestDifference(own, whole[s]!));
    return { largest: Math.max(...differences), whole };
  }

  // With angles of type dynamic a longer text changes those of all its tokens, which keys that are kept do not follow.
  const causal = families.filter(
    (family) => family !== "bert" && family !== "llama-dynamic" && !family.startsWith("rnn-"),
  );
  it.each(native ? causal : causal.filter((family) => ["llama", "gpt2", "gemma2", "lstm", "gru"].includes(family)))(
    "%s gives a text that is read in pieces, beside others, the logits of the whole text",
    async (family) => {
      const model = await load(fixturePath(family));
      if (model.head.kind !== "causal") return expect(() => model.forward({ sequences: texts, state: "start" })).toThrow("Expected none for a model that does not predict the next token for state"); // biome-ignore format: one line
      const { largest } = await compare(model, "logits");
      expect(largest).toBeLessThan(2e-5);
      const name = model.heads === 0 ? "layers.0.hidden" : "layers.0.mlp.hidden";
      const { largest: changed, whole } = await compare(model, "logits", [intervene(`${name}:1-3`).set(2), intervene(name).noise(0.3)]); // biome-ignore format: one line
      expect(changed).toBeLessThan(2e-5);
      const { whole: before } = await compare(model, "logits");
      expect(largestDifference(whole[0]!, before[0]!)).toBeGreaterThan(1e-3);
    },
  );

  it("takes interventions at every site, heads and scores among them, while a text goes on", async () => {
    const model = await load(fixturePath("llama"));
    for (const { name, width } of native
      ? model.sites
      : model.sites.filter(({ name }) => /^layers.1.attention/.test(name))) {
      const site = intervene(name);
      const { largest } = await compare(model, "logits", [
        ...(width === null ? [site.heads(1).scale(0.5)] : [site.at([0, 4, 6]).flip(), site.neurons(0).at(2).set(1)]),
        ...(name.includes("attention.key") ? [site.heads(1).zero()] : []),
      ]);
      expect(largest, name).toBeLessThan(2e-5);
    }
  });

  it("keeps softmax weights of all keys", async () => {
    const model = await load(fixturePath("gpt2"));
    const site = "layers.1.attention.scores";
    using whole = model.forward({ sequences: texts.slice(0, 1), scores: [site] });
    const [all] = await whole.scores(site); // heads × 8 × 8
    using first = model.forward({ sequences: [texts[0]!.subarray(0, 6)], state: "start" });
    using state = first.state!;
    using second = model.forward({ sequences: [texts[0]!.subarray(6)], state, scores: [site] });
    using end = second.state!;
    const [last] = await second.scores(site); // heads × 2 × 8
    for (let head = 0; head < model.heads; head++) {
      const wanted = all!.slice((head * 8 + 6) * 8, (head + 1) * 64);
      expect(largestDifference(last!.slice(head * 16, (head + 1) * 16), wanted)).toBeLessThan(1e-5);
    }
    expect(end.lengths[0]).toBe(8);
  });

  it.each(native ? ["models/llama", "models/lstm"] : ["models/llama"])(
    "%s: goes on past every doubling of its room, with some of its texts",
    async (path) => {
      const model = await load(join(import.meta.dirname, "../../src/demo", path));
      const long = Array.from({ length: 70 }, (_, i) => (i * i + 3) % 60);
      const two = [Uint32Array.from(long), Uint32Array.from(long.toReversed())];
      const sites = selectSites(model.sites, "logits");
      using whole = model.forward({ sequences: two, capture: { sites } });
      const all = await whole.captured!.values();
      using first = model.forward({
        sequences: [two[0]!.subarray(0, 5), ids(1, 2), two[1]!.subarray(0, 9)],
        state: "start",
      });
      let state: TextState = first.state!.take([2, 0]);
      first.state![Symbol.dispose]();
      let done = 0;
      for (const step of [1, 1, 20, 1, 37]) {
        const sequences = [two[1]!.subarray(9 + done, 9 + done + step), two[0]!.subarray(5 + done, 5 + done + step)];
        done += step;
        using forward = model.forward({ sequences, state, capture: { sites } });
        state[Symbol.dispose]();
        state = forward.state!;
        const values = await forward.captured!.values();
        const rows = [70 + 9 + done - step, 5 + done - step];
        for (const [s, row] of rows.entries()) {
          const own = values.slice(s * step * model.vocabulary, (s + 1) * step * model.vocabulary);
          const wanted = all.slice(row * model.vocabulary, (row + step) * model.vocabulary);
          expect(largestDifference(own, wanted)).toBeLessThan(1e-4);
        }
      }
      state[Symbol.dispose]();
    },
  );

  it("reads an encoder-decoder's source once", async () => {
    const model = await load(fixturePath("bart"));
    const sources = [ids(3, 1, 4, 1, 5), ids(9, 2)];
    const sequences = [ids(2, 7, 1, 8), ids(3, 1, 4, 5)];
    const sites = selectSites(model.sites, "decoder.logits");
    const interventions = [
      intervene("encoder.layers.0.residual:1").set(2),
      intervene("decoder.layers.0.cross.value:head.1").zero(),
      intervene("decoder.layers.0.cross.scores:head.0").scale(0.5),
      intervene("decoder.layers.0.mlp.hidden:0").at(2).set(3),
    ];
    using whole = model.forward({ sequences, sources, capture: { sites }, interventions });
    const all = await whole.captured!.values();
    const start = sequences.map((sequence) => sequence.subarray(0, 1));
    using first = model.forward({ sequences: start, sources, state: "start", interventions });
    using state = first.state!;
    const rest = sequences.map((sequence) => sequence.subarray(1));
    using second = model.forward({ sequences: rest, state, capture: { sites }, interventions });
    using end = second.state!;
    const values = await second.captured!.values();
    const row = model.vocabulary;
    for (const s of [0, 1]) {
      const wanted = all.slice((4 * s + 1) * row, (4 * s + 4) * row);
      expect(largestDifference(values.slice(3 * s * row, 3 * (s + 1) * row), wanted)).toBeLessThan(1e-5);
    }
    expect([...end.lengths]).toEqual([4, 4]);
    expect(() => model.forward({ sequences: rest, sources, state: end })).toThrow("none where a state has read them");
    const encoder = { sites: selectSites(model.sites, "encoder.embed") };
    expect(() => model.forward({ sequences: rest, state: end, capture: encoder })).toThrow("as an earlier batch has read the sources for sites"); // biome-ignore format: one line
  });

  it.each(recurrentEncoderDecoders)(
    "%s: goes on from the encoder's states and its own, whatever stands beside a text",
    async (family) => {
      const model = await load(fixturePath(family));
      const sources = [ids(3, 1, 4, 1, 5), ids(9, 2), ids(6, 5, 3)];
      const sequences = [ids(1, 7, 1, 8), ids(1, 1, 4, 5), ids(1, 2)];
      const sites = selectSites(model.sites, "decoder.logits");
      const encoder = model.sites.find(({ name }) => name.startsWith("encoder.layers.1") && name.endsWith("hidden"))!;
      const interventions = [
        intervene(`${encoder.name}:1`).at([0, 1]).set(2),
        intervene("decoder.layers.0.hidden:0").at(2).set(0.5),
        intervene("decoder.layers.1.cross.scores").at([1, 3]).scale(0.5),
        intervene("decoder.layers.1.cross.out:2").in(0).add(1),
      ];
      using whole = model.forward({ sequences, sources, capture: { sites }, interventions });
      const [all, row] = [await whole.captured!.values(), model.vocabulary];
      const wanted = (s: number, first: number, end: number) =>
        all.slice((whole.starts[s]! + first) * row, (whole.starts[s]! + end) * row);
      const begun = [sequences[0]!.subarray(0, 1), sequences[1]!.subarray(0, 2), sequences[2]!];
      using first = model.forward({ sequences: begun, sources, state: "start", interventions, capture: { sites } });
      expect(largestDifference((await first.captured!.values()).slice(row, 3 * row), wanted(1, 0, 2))).toBeLessThan(
        1e-5,
      );
      using state = first.state!;
      using two = state.take([1, 0]); // the third text has ended
      const rest = [sequences[1]!.subarray(2), sequences[0]!.subarray(1, 2)];
      const later = interventions.slice(1).map((own) => ("sequence" in own ? { ...own, sequence: 1 } : own));
      using second = model.forward({ sequences: rest, state: two, interventions: later, capture: { sites } });
      using next = second.state!;
      const values = await second.captured!.values();
      expect(largestDifference(values.slice(0, 2 * row), wanted(1, 2, 4))).toBeLessThan(1e-5);
      expect(largestDifference(values.slice(2 * row), wanted(0, 1, 2))).toBeLessThan(1e-5);
      expect([...next.lengths]).toEqual([4, 2]);
      using last = next.take([1]);
      using third = model.forward({ sequences: [sequences[0]!.subarray(2)], state: last, interventions: later.map((own) => ("sequence" in own ? { ...own, sequence: 0 } : own)), capture: { sites } }); // biome-ignore format: one line
      using end = third.state!;
      expect(largestDifference(await third.captured!.values(), wanted(0, 2, 4))).toBeLessThan(1e-5);
      expect(end.lengths[0]).toBe(4);
      expect(third.operations).toBeLessThan(whole.operations / 3); // the sources are not read again
      expect(() => model.forward({ sequences: [ids(1)], sources: [ids(3)], state: end })).toThrow("none where a state has read them"); // biome-ignore format: one line
    },
  );

  it("refuses a state that was gone on from, of other sequences, or of another kind, and texts that become too long", async () => {
    const model = await load(fixturePath("llama"));
    using first = model.forward({ sequences: texts, state: "start" });
    using state = first.state!;
    expect(() => model.forward({ sequences: texts.slice(1), state })).toThrow("Expected a state of 2 sequences for state but received 3"); // biome-ignore format: one line
    expect(() => model.forward({ sequences: texts.map(() => new Uint32Array(9)), state })).toThrow("Expected at most 16 tokens (the model's positions) for sequences[0] but received 17"); // biome-ignore format: one line
    using second = model.forward({ sequences: texts.map(() => ids(1)), state });
    using next = second.state!;
    expect(() => model.forward({ sequences: texts, state })).toThrow("the latest state of its texts");
    const lstm = await load(fixturePath("lstm"));
    expect(() => lstm.forward({ sequences: texts, state: next })).toThrow(
      "Expected a state that this model gave for state",
    );
  });
});
