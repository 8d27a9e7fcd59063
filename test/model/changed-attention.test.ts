import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import type { Intervention } from "../../src/model/interventions.js";
import { loadModel } from "../../src/model/load.js";
import type { ForwardRequest, Model } from "../../src/model/model.js";
import { devices } from "../devices.js";
import { largestDifference } from "../fixtures/model-fixture.js";
import { saveTransformer } from "../fixtures/random-transformer.js";
import { temporaryFolder } from "../temporary-folder.js";

/** Distances and losses are of size 1; sums are made otherwise. */
const tolerance = 1e-5;

const families = ["bert", "llama", "gemma2"] as const;
/** Of sixteen heads two are few: as many as share a head of keys where there are eight. */
const sizes = { layers: 2, width: 64, heads: 16, keyHeads: 8, hidden: 40, vocabulary: 260, positions: 16 } as const;
const headWidth = sizes.width / sizes.heads;
const texts = [Uint32Array.of(3, 100, 4, 1, 7), Uint32Array.of(5, 9, 200)];

/** Copies of which all but the first have one column of the site changed in turn, everywhere or at some positions. */
function requestOf(site: string, copies: number, positions: Intervention["positions"][]): ForwardRequest {
  const sequences = Array.from({ length: copies }, () => texts).flat();
  const interventions = Array.from({ length: copies - 1 }, (_, i): Intervention => {
    const at = positions[i % positions.length];
    const own = { site, sequence: [2 * (i + 1), 2 * (i + 2)], columns: [(5 * i) % 8] } as const;
    return { ...own, operation: "add", value: 2 + i / 8, ...(at !== undefined && { positions: at }) };
  });
  const compareWith = Uint32Array.from(sequences, (_, s) => s % 2);
  return { sequences, texts: texts.length, interventions, compareWith };
}

/** The same with all columns of the heads changed that read each copy's column. */
function headsOf({ interventions, ...rest }: ForwardRequest, site: string, sharing: number): ForwardRequest {
  const changed = interventions!.map((one): Intervention => {
    const first = Math.floor((one.columns as number[])[0]! / headWidth) * sharing * headWidth;
    const columns = Array.from({ length: sharing * headWidth }, (_, column) => first + column);
    return { ...one, site, columns };
  });
  return { ...rest, interventions: changed };
}

describe.each(devices)("copies with changed queries, keys or values on %s", (device, open) => {
  const opened: Promise<Device> = open();
  const folder = temporaryFolder();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  const load = async (family: (typeof families)[number]): Promise<Model> => {
    const path = join(folder, family);
    saveTransformer({ family, ...sizes }, path, 5);
    return loadModel(path, { device: await opened });
  };

  const native = device === "native";
  const parts = native ? (["query", "key", "value"] as const) : (["key"] as const); // a GPU in software takes seconds for each
  const layers = native ? [0, 1] : [0];
  const copies = native ? 24 : 12;
  it.each((native ? families : (["llama"] as const)).flatMap((family) => parts.map((part) => [family, part] as const)))(
    "of %s give what whole passes give, by the %s of one head",
    async (family, part) => {
      await using model = await load(family);
      for (const layer of layers) {
        const request = requestOf(`layers.${layer}.attention.${part}`, copies, [undefined, "last", [0, 2], [1]]);
        expect(model.followsChanges!(request)).toBe(true);
        const { texts: _, ...whole } = request;
        using plain = model.forward(whole);
        using shared = model.forward(request);
        const [wanted, got] = [await plain.distances(), await shared.distances()];
        expect(Math.max(...wanted)).toBeGreaterThan(1e-3);
        expect(largestDifference(got, wanted)).toBeLessThan(tolerance);
        if (family === "bert" || !native) continue; // BERT predicts nothing
        const targets = Uint32Array.from(request.sequences.flatMap((ids) => [...ids]));
        const { compareWith: __, ...predicting } = { ...request, targets };
        using plainly = model.forward({ sequences: request.sequences, interventions: request.interventions!, targets });
        using predicted = model.forward(predicting);
        expect(largestDifference(await predicted.losses(), await plainly.losses())).toBeLessThan(tolerance);
      }
    },
  );

  it.each(native ? families : (["llama"] as const))("of %s cost what changed heads cost", async (family) => {
    await using model = await load(family);
    for (const layer of layers) {
      for (const part of parts) {
        const request = requestOf(`layers.${layer}.attention.${part}`, copies, [undefined]);
        const sharing = part === "query" || family === "bert" ? 1 : sizes.heads / sizes.keyHeads;
        using own = model.forward(request);
        using heads = model.forward(headsOf(request, `layers.${layer}.attention.heads`, sharing));
        await Promise.all([own.done, heads.done]);
        expect(own.operations).toBe(heads.operations);
      }
    }
  });

  it("go the long way where keys are changed too, or more heads than are few", async () => {
    await using model = await load("llama");
    const request = requestOf("layers.0.attention.query", 12, [undefined]);
    const keys = request.interventions!.map((one) => ({ ...one, site: "layers.0.attention.key" }));
    const both = { ...request, interventions: [...request.interventions!, ...keys] };
    const wide = request.interventions!.map((one) => ({ ...one, columns: [0, headWidth, 2 * headWidth] }));
    for (const long of [both, ...(native ? [{ ...request, interventions: wide }] : [])]) {
      expect(model.followsChanges!(long)).toBe(false);
      const { texts: _, ...whole } = long;
      using plain = model.forward(whole);
      using shared = model.forward(long);
      expect(largestDifference(await shared.distances(), await plain.distances())).toBeLessThan(tolerance);
    }
  });
});
