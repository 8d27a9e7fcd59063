import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import type { Intervention } from "../../src/model/interventions.js";
import { loadModel } from "../../src/model/load.js";
import type { ForwardRequest, Model } from "../../src/model/model.js";
import { devices } from "../devices.js";
import { largestDifference } from "../fixtures/model-fixture.js";
import { saveTransformer, type TransformerShape } from "../fixtures/random-transformer.js";
import { randomIntegers } from "../floats.js";
import { temporaryFolder } from "../temporary-folder.js";

/** Distances and losses are of size 1; sums are made otherwise. */
const tolerance = 1e-5;

const families = ["bert", "llama", "gemma2"] as const;
type Family = (typeof families)[number];

/** A small shape that a seed chooses. */
function shapeOf(family: Family, seed: number): TransformerShape {
  const [headWidth, heads, groups, hidden, layers] = randomIntegers(5, 3, seed);
  const count = 2 * (heads! + 1);
  const [width, keyHeads] = [count * 2 * (headWidth! + 2), groups! === 0 ? count : count / 2];
  const sizes = { layers: layers! + 1, width, heads: count, keyHeads, hidden: width + 7 * hidden! };
  return { family, ...sizes, vocabulary: 260, positions: 16 };
}

/** Texts, and copies of them of which all but the first have a neuron of the site set to zero, at their last token or everywhere. */
function requestOf(site: string, width: number, copies: number): ForwardRequest {
  const texts = [Uint32Array.of(3, 100, 4, 1, 7), Uint32Array.of(5, 9, 200)];
  const sequences = Array.from({ length: copies }, () => texts).flat();
  const interventions = Array.from({ length: copies - 1 }, (_, i): Intervention => {
    const own = { site, sequence: [2 * (i + 1), 2 * (i + 2)], columns: [(3 * i) % Math.min(width, 11)] } as const;
    return { ...own, operation: "set", value: i % 3, ...(i % 4 === 3 && { positions: "last" }) };
  });
  const compareWith = Uint32Array.from(sequences, (_, s) => s % 2);
  return { sequences, texts: texts.length, interventions, compareWith };
}

describe.each(devices)("closed forms on %s", (device, open) => {
  const opened: Promise<Device> = open();
  const folder = temporaryFolder();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  const load = async (shape: TransformerShape, seed: number): Promise<Model> => {
    const path = join(folder, `${shape.family}-${seed}`);
    saveTransformer(shape, path, seed);
    return loadModel(path, { device: await opened });
  };

  /** A GPU in software takes seconds for each site. */
  const native = device === "native";
  const linear = native ? /(mlp\.hidden|attention\.heads)$/ : /^layers\.0\.(mlp\.hidden|attention\.heads)$/;
  const seeds = native ? [1, 2, 3, 4, 5, 6] : [1];
  it.each(families.flatMap((family) => seeds.map((seed) => [family, seed] as const)))(
    "of %s give what whole passes give, for shape %i",
    async (family, seed) => {
      await using model = await load(shapeOf(family, seed), seed);
      for (const { name, width } of model.sites.filter(({ name }) => linear.test(name))) {
        const { texts: _, ...whole } = requestOf(name, width!, 12);
        using plain = model.forward(whole);
        using shared = model.forward(requestOf(name, width!, 12));
        const [wanted, got] = [await plain.distances(), await shared.distances()];
        expect(Math.max(...wanted), name).toBeGreaterThan(1e-3);
        expect(largestDifference(got, wanted), name).toBeLessThan(tolerance);
      }
    },
  );
});
