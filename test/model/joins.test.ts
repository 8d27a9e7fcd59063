import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import type { Intervention } from "../../src/model/interventions.js";
import { loadModel } from "../../src/model/load.js";
import type { ForwardRequest, Model } from "../../src/model/model.js";
import { devices } from "../devices.js";
import { largestDifference } from "../fixtures/model-fixture.js";
import { saveTransformer, type TransformerShape } from "../fixtures/random-transformer.js";
import { temporaryFolder } from "../temporary-folder.js";

/** Losses and distances are of size 1 to 10; sums may be cut elsewhere. */
const tolerance = 1e-5;

const families = ["bert", "llama"] as const;
type Family = (typeof families)[number];

/** Four heads, each a quarter of their columns: too many for closed forms. */
const sizes = { layers: 4, width: 16, heads: 4, keyHeads: 4, hidden: 20, vocabulary: 260, positions: 16 } as const;
const headWidth = sizes.width / sizes.heads;

const texts = [Uint32Array.of(3, 100, 4, 1, 7), Uint32Array.of(5, 9, 200)];
const tokens = 8;

/** What a row costs: of BERT two linear maps in its MLP, of Llama three. */
function costsOf(family: Family) {
  const { width, hidden } = sizes;
  const [projection, behind] = [6 * width * width, 2 * width * width + (family === "bert" ? 4 : 6) * width * hidden];
  return { projection, behind };
}

/** Copies of the texts of which each has what is listed for it changed, compared with the first. */
function requestOf(copies: readonly (readonly Omit<Intervention, "sequence">[])[]): ForwardRequest {
  const sequences = Array.from({ length: copies.length }, () => texts).flat();
  const interventions = copies.flatMap((own, i) =>
    own.map((one) => ({ ...one, sequence: [2 * i, 2 * (i + 1)] as const })),
  );
  return { sequences, interventions, compareWith: Uint32Array.from(sequences, (_, s) => s % 2) };
}

async function distancesOf(model: Model, request: ForwardRequest) {
  using forward = model.forward(request);
  return { values: await forward.distances(), operations: forward.operations };
}

const head = (layer: number, number: number): Omit<Intervention, "sequence"> => {
  const columns = Array.from({ length: headWidth }, (_, i) => headWidth * number + i);
  return { site: `layers.${layer}.attention.heads`, columns, operation: "set", value: 0 };
};

describe.each(devices)("copies that change on different layers on %s", (_, open) => {
  const opened: Promise<Device> = open();
  const folder = temporaryFolder();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  const load = async (family: Family): Promise<Model> => {
    const shape: TransformerShape = { family, ...sizes };
    saveTransformer(shape, join(folder, family));
    return loadModel(join(folder, family), { device: await opened });
  };

  it.each(families)(
    "of %s have rows from the layer on that they change, and the texts as long as some join",
    async (family) => {
      await using model = await load(family);
      const { projection, behind } = costsOf(family);
      const counts = [4, 1, 0, 3]; // heads of each layer
      const copies = counts.flatMap((count, layer) => Array.from({ length: count }, (_, i) => [head(layer, i)]));
      const request = requestOf([[], ...copies.reverse()]);
      const plain = await distancesOf(model, request);
      const joined = await distancesOf(model, { ...request, texts: 2 });
      expect(largestDifference(joined.values, plain.values)).toBeLessThan(tolerance);
      const [before, after] = [1 + 5 + 6 + 6, 5 + 6 + 6 + 9]; // texts and copies, layer by layer
      expect(joined.operations).toBe(tokens * (before * projection + after * behind));
      expect(plain.operations).toBe(tokens * 9 * 4 * (projection + behind));
    },
  );

  it.each(families)(
    "of %s all have rows where the first one changes, if the texts' rows are as many as are saved",
    async (family) => {
      await using model = await load(family);
      const { projection, behind } = costsOf(family);
      const request = requestOf([[head(2, 1)], [head(0, 3)]]);
      const plain = await distancesOf(model, request);
      const joined = await distancesOf(model, { ...request, texts: 2 });
      expect(largestDifference(joined.values, plain.values)).toBeLessThan(tolerance);
      expect(joined.operations).toBe(tokens * ((1 + 3 * 2) * projection + 4 * 2 * behind));
    },
  );

  it.each(families)(
    "of %s join at the first site of a layer that any of them changes, groups at the lowest of theirs",
    async (family) => {
      await using model = await load(family);
      const { projection, behind } = costsOf(family);
      const neuron = (site: string, column: number): Omit<Intervention, "sequence"> => {
        return { site, columns: [column], operation: "add", value: 2 };
      };
      const group = [
        neuron("layers.3.mlp.hidden", 1),
        neuron("layers.1.attention.query", 2),
        neuron("layers.2.residual", 4),
      ];
      const others = [
        [neuron("layers.3.residual", 3)],
        [neuron("layers.3.attention.value", 5)],
        [neuron("layers.1.mlp.out", 6)],
      ];
      const request = requestOf([[head(0, 2)], group, ...others, [head(0, 1), head(3, 0)], []]);
      const plain = await distancesOf(model, request);
      const joined = await distancesOf(model, { ...request, texts: 2 });
      expect(largestDifference(joined.values, plain.values)).toBeLessThan(tolerance);
      const [before, after] = [1 + 3 + 5 + 5, 3 + 5 + 5 + 7]; // before and behind the projections, where those of a layer join
      expect(joined.operations).toBe(tokens * (before * projection + after * behind));
    },
  );

  it("have only rows behind the first position that changes, where none sees those behind it", async () => {
    await using model = await load("llama");
    const { projection, behind } = costsOf("llama");
    const request = requestOf([[{ ...head(0, 1), positions: "last" }], [head(2, 1)], [], [{ ...head(2, 0), positions: [2] }]]); // biome-ignore format: one line
    const plain = await distancesOf(model, request);
    const joined = await distancesOf(model, { ...request, texts: 2 });
    expect(largestDifference(joined.values, plain.values)).toBeLessThan(tolerance);
    const [few, all] = [tokens + 2, tokens + 2 + tokens + 3 + 1]; // of texts of 5 and 3 tokens
    expect(joined.operations).toBe((tokens + 2 * few + all) * projection + (2 * few + 2 * all) * behind);
  });
});
