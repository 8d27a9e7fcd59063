import { afterAll, describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import type { Device } from "../../src/device/device.js";
import type { Intervention } from "../../src/model/interventions.js";
import { loadModel } from "../../src/model/load.js";
import { type ForwardRequest, type Model, NO_TARGET } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { devices } from "../devices.js";
import { type Family, fixturePath, largestDifference } from "../fixtures/model-fixture.js";
import { type EncoderDecoder, encoderDecoders } from "../fixtures/seq2seq-fixture.js";

/** Sums may be cut elsewhere; losses are of size 1 to 10. */
const tolerance = 1e-5;

/** ReLU, GELU and gates; learned, rotary and relative positions; windows, parallel blocks, and an encoder before. */
const families = ["opt", "opt-post-norm", "gpt2", "gpt-neo", "gpt-j", "llama", "llama-dynamic", "mistral", "gemma2", "t5", "bart"] as const; // biome-ignore format: one line
/** A GPU in software takes seconds for each. */
const few: readonly (typeof families)[number][] = ["opt", "llama", "t5"];
const behindRelu: ReadonlySet<string> = new Set(["opt", "opt-post-norm", "t5", "t5-encoder"]);
const encoders: readonly Family[] = ["bert", "bert-sequences", "xlnet", "t5-encoder" as Family];

/** Copies of texts of random lengths, all of them with the same sources where there is an encoder. */
function copiesOf(model: Model, uniform: () => number, copies: number) {
  const pick = (count: number) => Math.floor(count * uniform());
  const some = (most: number, vocabulary: number) =>
    Uint32Array.from({ length: 1 + pick(most) }, () => pick(vocabulary));
  const texts = Array.from({ length: 1 + pick(3) }, () => some(9, model.vocabulary));
  const sources = model.encoder && texts.map(() => some(5, model.encoder!.vocabulary));
  const repeat = <T>(values: readonly T[]) => Array.from({ length: copies }, () => values).flat();
  return { texts, sequences: repeat(texts), ...(sources && { sources: repeat(sources) }) };
}

/** Targets of most tokens, and of none of the last ones of some texts; one of each sequence of a classifier of them. */
function targetsOf({ head, vocabulary }: Model, sequences: readonly Uint32Array[], uniform: () => number): Uint32Array {
  const classes = head.labels.length || vocabulary;
  if (head.kind === "sequence-classification") return Uint32Array.from(sequences, ([id]) => id! % classes);
  const end = 2 + Math.floor(8 * uniform());
  const tokens = sequences.flatMap((ids) => Array.from(ids, (id, t) => (t < end ? id % classes : NO_TARGET)));
  return Uint32Array.from(tokens);
}

async function lossesOf(model: Model, request: ForwardRequest) {
  using forward = model.forward(request);
  const values = request.targets ? await forward.losses() : await forward.distances();
  return { values, operations: forward.operations };
}

describe.each(devices)("rows of copies that do not change on %s", (device, open) => {
  const opened: Promise<Device> = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());
  const native = device === "native";

  it.each(native ? families : few)(
    "of %s before the first position that is changed are their texts', whatever the site and the shape",
    async (family) => {
      await using model = await loadModel(fixturePath(family), { device: await opened });
      const at = model.encoder ? "decoder." : "";
      const sites = model.sites.filter(({ name }) => name.startsWith(at) && !/cross.(key|value)/.test(name));
      for (let seed = 0; seed < (native ? 24 : 2); seed++) {
        const uniform = random(seed);
        const { texts, ...batch } = copiesOf(model, uniform, 6);
        const interventions = batch.sequences.flatMap((ids, s): Intervention[] => {
          const { name, width } = sites[Math.floor(sites.length * uniform())]!;
          const position = Math.floor((ids.length + 1) * uniform());
          const positions = Array.from({ length: ids.length - position }, (_, i) => position + i);
          const columns = [Math.floor((width ?? 1) * uniform())];
          return [{ site: name, sequence: s, positions, columns, operation: "add", value: 0.5 }];
        });
        const targets = targetsOf(model, batch.sequences, uniform);
        const request = { ...batch, interventions, targets };
        const plain = await lossesOf(model, request);
        const shared = await lossesOf(model, { ...request, texts: texts.length });
        expect(largestDifference(shared.values, plain.values), `seed ${seed}`).toBeLessThan(tolerance);
        expect(shared.operations).toBeLessThan(plain.operations);
      }
    },
  );

  it.each(native ? [...families.slice(0, 2), "t5", "bart", ...encoders] : (["opt", "bert"] as const))(
    "of %s are their texts' where neurons already have the value that they are set to",
    async (family) => {
      await using model = await loadModel(fixturePath(family as Family), { device: await opened });
      const at = encoderDecoders.includes(family as EncoderDecoder) ? "decoder." : "";
      for (const layer of native ? [0, model.layers - 1] : [0]) {
        const [site] = selectSites(model.sites, `${at}layers.${layer}.mlp.hidden`);
        const uniform = random(layer);
        const { texts, ...batch } = copiesOf(model, uniform, 1 + site!.width);
        const read = { sequences: texts, ...(batch.sources && { sources: batch.sources.slice(0, texts.length) }) };
        using captured = model.forward({ ...read, capture: { sites: [{ ...site!, offset: 0 }] } });
        const values = await captured.captured!.values();
        const [tokens, width] = [captured.tokens, site!.width];
        const interventions = Array.from({ length: width }, (_, column): Intervention => {
          const sequence = [(column + 1) * texts.length, (column + 2) * texts.length] as const;
          // set to what it is at the first token: there it changes nowhere, as zeros of a ReLU often do not elsewhere
          return { site: site!.name, sequence, columns: [column], operation: "set", value: values[column]! };
        });
        const changed = new Uint8Array(tokens * (1 + width));
        for (let row = tokens; row < changed.length; row++) {
          const column = Math.floor(row / tokens) - 1;
          changed[row] = Number(values[(row % tokens) * width + column] !== values[column]);
        }
        const targets = model.head.kind === "none" ? null : targetsOf(model, batch.sequences, uniform);
        const compareWith = Uint32Array.from(batch.sequences, (_, s) => s % texts.length);
        const request = { ...batch, interventions, ...(targets ? { targets } : { compareWith }) };
        const plain = await lossesOf(model, request);
        const all = await lossesOf(model, { ...request, texts: texts.length });
        const shared = await lossesOf(model, { ...request, texts: texts.length, changed });
        expect(largestDifference(shared.values, plain.values), site!.name).toBeLessThan(tolerance);
        if (behindRelu.has(family)) expect(shared.operations).toBeLessThan(all.operations);
      }
    },
  );

  it("are all that a copy has which is changed nowhere: nothing is computed for it", async () => {
    await using model = await loadModel(fixturePath("llama"), { device: await opened });
    const text = Uint32Array.of(3, 1, 4, 1, 5);
    const cost = async (copies: number) => {
      const sequences = Array.from({ length: copies }, () => text);
      const targets = Uint32Array.from(sequences.flatMap((ids) => [...ids]));
      const interventions: Intervention[] = [{ site: "layers.0.mlp.hidden", operation: "set", value: 0 }];
      const changed = new Uint8Array(targets.length);
      return await lossesOf(model, { sequences, texts: 1, interventions, targets, changed });
    };
    const [two, nine] = [await cost(2), await cost(9)];
    expect(nine.operations).toBe(two.operations);
    expect(nine.values).toEqual(Float32Array.from({ length: 45 }, (_, token) => two.values[token % 5]!));
  });

  it("are found though copies of the same texts shared none before", async () => {
    await using model = await loadModel(fixturePath("llama"), { device: await opened });
    const sequences = Array.from({ length: 8 }, () => Uint32Array.of(3, 1, 4, 1, 5));
    const targets = Uint32Array.from(sequences.flatMap((ids) => [...ids]));
    const lossesFrom = async (position: number, texts?: number) => {
      const interventions = sequences.map((_, sequence): Intervention => {
        const positions = Array.from({ length: 5 - position }, (_, i) => position + i);
        return { site: "layers.0.mlp.hidden", sequence, positions, operation: "add", value: 1 + sequence };
      });
      return (await lossesOf(model, { sequences, interventions, targets, ...(texts && { texts }) })).values;
    };
    for (const position of [0, 3]) {
      const [plain, shared] = [await lossesFrom(position), await lossesFrom(position, 1)];
      expect(largestDifference(shared, plain), `from ${position}`).toBeLessThan(tolerance);
    }
  });
});
