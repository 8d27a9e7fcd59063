import { afterAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import { loadModel } from "../../src/model/load.js";
import type { ForwardRequest, Model } from "../../src/model/model.js";
import { devices } from "../devices.js";
import { fixturePath } from "../fixtures/model-fixture.js";

const ids = (...values: number[]) => Uint32Array.from(values);

const [texts, others] = [[ids(3, 1, 4), ids(1, 5)], [ids(2, 7, 1), ids(8, 2)]]; // biome-ignore format: one line
const [sources, otherSources] = [[ids(3, 5), ids(1, 2, 6)], [ids(4, 5), ids(1, 2, 3)]]; // biome-ignore format: one line

interface Read {
  readonly texts: readonly Uint32Array[];
  readonly sources: readonly Uint32Array[];
  readonly column: number;
}

/** Four copies of two texts; of two of them a column is changed. */
function requestOf(
  { encoder, head, vocabulary }: Model,
  site: string,
  { texts, sources, column }: Read,
): ForwardRequest {
  const copies = <T>(all: readonly T[]) => [...all, ...all, ...all, ...all];
  const change = { site, operation: "add", value: 0.5 } as const;
  const sequences = copies(texts);
  return {
    sequences,
    texts: 2,
    ...(encoder && { sources: copies(sources) }),
    interventions: [
      { ...change, columns: [column], sequence: [2, 4] },
      { ...change, columns: [column + 1], sequence: [4, 6] },
    ],
    ...(head.kind !== "none" && { targets: Uint32Array.from(sequences.flatMap((own) => [...own]), (id) => id % (head.labels.length || vocabulary)) }), // biome-ignore format: one line
    compareWith: Uint32Array.from(sequences, (_, s) => s % 2),
  };
}

/** What a batch gives, and how often it submits something. */
async function run(model: Model, request: ForwardRequest) {
  const before = model.device.submits;
  using forward = model.forward(request);
  const submits = model.device.submits - before;
  const values = [await forward.distances(), ...(request.targets ? [await forward.losses()] : [])];
  return { values, submits, operations: [forward.operations, forward.operationsOfTexts] };
}

describe.each(devices)("what hangs on texts alone, on %s,", (_name, open) => {
  const opened = open();
  afterAll(async () => await (await opened)[Symbol.asyncDispose]());
  const load = async (family: string): Promise<Model> => {
    return await loadModel(fixturePath(family), { device: (await opened) as Device });
  };

  it.each([
    ["gpt2", "layers.1.mlp.hidden"],
    ["bert", "layers.1.attention.heads"],
    ["lstm", "layers.1.hidden"],
    ["rnn-tagger-gru", "layers.1.backward.hidden"],
    ["bart", "decoder.layers.0.mlp.hidden"],
    ["rnn-seq2seq", "decoder.layers.1.hidden"],
  ])(
    "is computed for the first of some batches of copies of the same, with the same bits: %s",
    async (family, site) => {
      const first = { texts, sources, column: 0 };
      const second = { ...first, texts: others };
      const third = { ...second, sources: otherSources };
      const reads: readonly Read[] = [first, { ...first, column: 2 }, second, third, { ...third, column: 1 }, first];
      let before: Read | null = null;
      await using kept = await load(family);
      for (const read of reads) {
        const request = requestOf(kept, site, read);
        const got = await run(kept, request);
        await using fresh = await load(family);
        const wanted = await run(fresh, request);
        expect(got.values).toEqual(wanted.values);
        expect(got.operations).toEqual(wanted.operations);
        expect(got.operations[1]).toBeGreaterThan(0);
        const same = before?.texts === read.texts && (!kept.encoder || before.sources === read.sources);
        expect(got.submits).toBe(same ? 1 : 2);
        before = read;
      }
    },
  );
});
