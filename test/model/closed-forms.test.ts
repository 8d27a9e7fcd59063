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

/** Eight heads: each is few of their columns. */
const eightHeads = { layers: 2, width: 32, heads: 8, hidden: 50, vocabulary: 260, positions: 16 } as const;

/** What one row costs: queries, keys and values; the first linear map of the MLP; all behind the heads of a layer. */
function costsOf({ family, width, hidden }: Pick<TransformerShape, "family" | "width" | "hidden">) {
  const maps = family === "bert" ? 1 : 2;
  const [projection, up] = [6 * width * width, 2 * maps * width * hidden];
  return { projection, up, blocks: 2 * width * width + up + 2 * width * hidden };
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

  /** Every copy but the first has some columns that stand together set to a number. */
  const withColumns = (site: string, copies: number, columns: number, places: number): ForwardRequest => {
    const given = requestOf(site, places * columns, copies);
    const interventions = given.interventions!.map(({ positions: _, ...one }, i): Intervention => {
      const first = columns * (i % places);
      return { ...one, columns: Array.from({ length: columns }, (_, column) => first + column) };
    });
    return { ...given, interventions };
  };

  /** @returns the operations of a pass over copies, which are compared with those of whole passes */
  const compare = async (model: Model, request: ForwardRequest): Promise<number> => {
    const { texts: _, ...whole } = request;
    using plain = model.forward(whole);
    using shared = model.forward(request);
    const [wanted, got] = [await plain.distances(), await shared.distances()];
    expect(Math.max(...wanted)).toBeGreaterThan(1e-2);
    expect(largestDifference(got, wanted)).toBeLessThan(tolerance);
    if (!request.targets) return shared.operations;
    expect(largestDifference(await shared.divergences(), await plain.divergences())).toBeLessThan(tolerance);
    return shared.operations;
  };

  /** What a row costs behind a linear map and a norm: the texts' rows, and for RMS norms between norms those they are added to. */
  const knownOf = (family: Family, tokens: number, columns: number) =>
    tokens + columns + { bert: 1, llama: 0, gemma2: tokens }[family]; // 1: the norm's bias

  it.each(families)("of heads of %s give what whole passes give, at once behind the norm", async (family) => {
    const shape = { family, ...eightHeads };
    await using model = await load(shape, 7);
    const [copies, columns] = [33, shape.width / shape.heads];
    const request = withColumns("layers.0.attention.heads", copies, columns, shape.heads);
    const { width, hidden } = shape;
    const { projection, up, blocks } = costsOf(shape);
    const [tokens, rows] = [8, 8 * copies];
    const changed = tokens * (projection + 2 * width * width) + rows * 2 * columns * width;
    const terms = columns + (family === "gemma2" ? 1 : 0);
    const above = rows * (2 * width * hidden + projection + blocks);
    expect(await compare(model, request)).toBe(
      changed + knownOf(family, tokens, width) * up + (rows * terms * up) / width + above,
    );
  });

  it.each(families)(
    "of groups of neurons of %s give what whole passes give, at once behind the norm",
    async (family) => {
      const shape = { family, ...eightHeads };
      await using model = await load(shape, 9);
      const [copies, columns, groups] = [33, 3, 5];
      const request = withColumns("layers.0.mlp.hidden", copies, columns, groups);
      const { width } = shape;
      const { projection, blocks } = costsOf(shape);
      const [tokens, rows] = [8, 8 * copies];
      const terms = columns + (family === "gemma2" ? 1 : 0);
      const known = knownOf(family, tokens, columns * groups) * projection + (rows * terms * projection) / width;
      const changed = tokens * (projection + blocks) + rows * 2 * columns * width;
      expect(await compare(model, request)).toBe(changed + known + rows * blocks);
    },
  );

  it("of groups of a last layer's neurons have their logits from those of texts and neurons, where these are compared", async () => {
    const shape = { family: "llama", ...eightHeads } as const;
    await using model = await load(shape, 10);
    const [copies, columns, groups] = [33, 3, 5];
    const given = withColumns("layers.1.mlp.hidden", copies, columns, groups);
    const targets = Uint32Array.from(given.sequences.flatMap((ids) => [...ids]));
    const { width, vocabulary } = shape;
    const { projection, blocks } = costsOf(shape);
    const [tokens, rows] = [8, 8 * copies];
    const changed = tokens * 2 * (projection + blocks) + rows * 2 * columns * width;
    const logits = 2 * (tokens + columns * groups) * width * vocabulary + rows * 2 * columns * vocabulary;
    expect(await compare(model, { ...given, targets })).toBe(changed + logits);
  });

  it("of a neuron between two norms cost products of two rows of each text, and six operations for each of their own", async () => {
    const shape = { family: "gemma2", ...eightHeads } as const;
    await using model = await load(shape, 8);
    const copies = 24;
    using forward = model.forward(requestOf("layers.0.mlp.hidden", shape.hidden, copies));
    await forward.done;
    const { width } = shape;
    const { projection, blocks } = costsOf(shape);
    const [tokens, neurons] = [8, 11];
    const rows = 19 * tokens + 5 * 2; // five copies differ at their last tokens only
    const known = (2 * tokens + neurons) * projection;
    expect(forward.operations).toBe(
      tokens * (projection + blocks) + rows * (2 * width + 6 * 3 * width + blocks) + known,
    );
  });
});
