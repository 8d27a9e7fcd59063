import { afterAll, describe, expect, it } from "vitest";
import { pairedSentence } from "../../../src/corpus/corpus.js";
import { groupPassages } from "../../../src/methods/causal/batches.js";
import type { Ablation } from "../../../src/methods/causal/measure.js";
import { readPassages } from "../../../src/methods/causal/passages.js";
import { writeAblated } from "../../../src/methods/causal/write-ablated.js";
import { writeUntouched } from "../../../src/methods/causal/written-passages.js";
import { generate } from "../../../src/model/generate.js";
import { loadModel } from "../../../src/model/load.js";
import type { Model } from "../../../src/model/model.js";
import { devices, openTestDevice } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { encoderDecoders } from "../../fixtures/seq2seq-fixture.js";

const pairs = [["de a", "ca"], ["abc", "e"], ["de a", "be"]]; // biome-ignore format: one line

/** What the untouched model writes for all pairs, in one batch. */
async function untouchedOf(model: Model) {
  const sentences = pairs.map(([source, target]) => pairedSentence(source!, target!));
  const corpus = { path: "pairs.tsv", fingerprint: "f", sentences };
  const { passages } = await readPassages(model, corpus, { metric: "exact-match", seed: 0 });
  return await writeUntouched(model, groupPassages(passages, 1000)[0]!);
}

/** Every text by itself, from its beginning; and what that costs. */
async function writeEach(
  model: Model,
  { passages }: Awaited<ReturnType<typeof untouchedOf>>["batch"],
  parts: Ablation["parts"],
) {
  // biome-ignore format: one line
  let operations = 0;
  const texts: string[] = [];
  for (const { sentence, source, written } of passages) {
    const options = { tokens: written!.most, identities: Uint32Array.of(sentence), interventions: parts };
    const [one] = await generate(model, [source!.ids], options, { onOperations: (count) => (operations += count) });
    texts.push(one!.text);
  }
  return { texts, operations };
}

const one = (site: string, column: number, value: number): Ablation => ({ parts: [{ site, columns: [column], operation: "set", value }] }); // biome-ignore format: one line
const weakly = (site: string, column: number): Ablation => ({ parts: [{ site, columns: [column], operation: "add", value: 1e-6 }] }); // biome-ignore format: one line
const siteOf = (model: Model, stack: string, layer = 0) =>
  `${stack}.layers.${layer}.${model.heads === 0 ? "" : "mlp."}hidden`;

describe.each(devices)("texts written with ablations, on %s", (name, open) => {
  const opened = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());
  const load = async (family: string) => loadModel(fixturePath(family), { device: await opened });
  const gpu = name.startsWith("webgpu");
  const some = gpu ? (["bart", "rnn-seq2seq-gru"] as const) : encoderDecoders;

  it.each(some)(
    "are those of %s that are written one by one: the untouched one's, and others from some token on",
    async (family) => {
      await using model = await load(family);
      const { batch } = await untouchedOf(model);
      const untouched = batch.passages.map(({ written }) => written!.untouched!);
      const values = gpu ? [90] : [0, 3, -3, 40, -40, 90];
      const columns = Array.from({ length: gpu ? 2 : 4 }, (_, column) => column);
      const same = [0, 0];
      for (const stack of ["decoder", "encoder"]) {
        const site = siteOf(model, stack);
        const known = model.sites.some((own) => own.name === site) ? site : site.replace("hidden", "forward.hidden");
        const ablations = columns.flatMap((column) => [
          weakly(known, column),
          ...values.map((value) => one(known, column, value)),
        ]);
        const alone: string[] = [];
        for (const { parts } of ablations) alone.push(...(await writeEach(model, batch, parts)).texts);
        for (const room of [ablations.length, 1]) {
          const { texts } = await writeAblated(model, { batch, changed: null, room }, ablations, "all");
          expect(texts).toEqual(alone);
        }
        for (const [i, text] of alone.entries()) same[Number(text === untouched[i % untouched.length])]!++;
      }
      expect(Math.min(...same)).toBeGreaterThan(0);
    },
  );
});

describe("texts written with ablations", () => {
  const opened = openTestDevice("native");
  afterAll(async () => (await opened)[Symbol.asyncDispose]());
  const load = async (family: string) => loadModel(fixturePath(family), { device: await opened });

  it("cost, where no token is chosen otherwise, only what lies behind the ablated neurons, in one pass", async () => {
    await using model = await load("bart");
    const { batch } = await untouchedOf(model);
    const site = siteOf(model, "decoder", model.layers - 1);
    const weak = Array.from({ length: 8 }, () => weakly(site, 0));
    const write = async (count: number) => {
      const before = model.device.submits;
      const { texts, operations } = await writeAblated(model, { batch, changed: null, room: 8 }, weak.slice(0, count), "all"); // biome-ignore format: one line
      return { texts, operations, submits: model.device.submits - before };
    };
    const [few, many] = [await write(2), await write(8)];
    const untouched = batch.passages.map(({ written }) => written!.untouched);
    expect(many.texts).toEqual(Array.from({ length: 8 }, () => untouched).flat());
    expect([few.submits, many.submits]).toEqual([2, 2]); // of what hangs on the texts alone, and of the rest
    const widthOf = (name: string) => model.sites.find((site) => site.name === name)!.width!;
    const [width, hidden] = [widthOf("decoder.embed"), widthOf(site)];
    const behind = 2 * hidden * width + 2 * width * model.vocabulary; // from a neuron to the logits
    expect(many.operations - few.operations).toBeLessThanOrEqual(6 * batch.tokens * behind);
    const alone = await writeEach(model, batch, weak[0]!.parts);
    expect(many.operations).toBeLessThan(0.5 * 8 * alone.operations);
  });

  it("cost, where tokens are chosen otherwise, the steps from there on, and the encoder once a source", async () => {
    await using model = await load("bart");
    const { batch } = await untouchedOf(model);
    const site = siteOf(model, "decoder");
    const write = (ablations: readonly Ablation[]) => writeAblated(model, { batch, changed: null, room: 8 }, ablations, "all"); // biome-ignore format: one line
    const strong = Array.from({ length: 8 }, (_, column) => one(site, column, 90));
    const weak = strong.map(({ parts }) => ({ parts: parts.map((part) => ({ ...part, operation: "scale" as const, value: 1 })) })); // biome-ignore format: one line
    const { texts, operations } = await write(strong);
    const { operations: pass } = await write(weak);
    const untouched = batch.passages.map(({ written }) => written!.untouched!);
    const branches = [...texts.keys()].filter((i) => texts[i] !== untouched[i % untouched.length]);
    expect(branches.length).toBeGreaterThan(8);
    using read = model.forward({ sources: batch.passages.slice(0, 1).map(({ source }) => source!.ids), sequences: [] });
    await read.done;
    expect(read.operations).toBeGreaterThan(0);
    let whole = 0;
    for (const i of branches) {
      const own = { ...batch, passages: [batch.passages[i % untouched.length]!] };
      whole += (await writeEach(model, own, strong[Math.floor(i / untouched.length)]!.parts)).operations;
    }
    expect(operations - pass).toBeLessThan(whole - (branches.length - untouched.length) * read.operations);
  });

  it("cost nothing where it is known that nothing changes", async () => {
    await using model = await load("bart");
    const { batch } = await untouchedOf(model);
    for (const stack of ["decoder", "encoder"]) {
      const ablations = [0, 1].map((column) => one(siteOf(model, stack), column, 90));
      const changed = new Uint8Array(2 * batch.tokens);
      const none = await writeAblated(model, { batch, changed, room: 2 }, ablations, "all");
      expect(none.texts).toEqual([...batch.passages, ...batch.passages].map(({ written }) => written!.untouched));
      changed.fill(1, batch.tokens);
      const second = await writeAblated(model, { batch, changed, room: 2 }, ablations, "all");
      const { texts } = await writeEach(model, batch, ablations[1]!.parts);
      expect(second.texts.slice(3)).toEqual(texts);
      if (stack === "encoder") expect(none.operations).toBe(0);
      else expect(none.operations).toBeLessThan(second.operations);
    }
  });
});
