import { afterAll, describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.js";
import type { Site } from "../../../src/core/sites.js";
import { type Corpus, spacedSentence } from "../../../src/corpus/corpus.js";
import { type AblateEachOptions, ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { measureAblations } from "../../../src/methods/causal/measure.js";
import { mean } from "../../../src/methods/causal/metric.js";
import { offDirections } from "../../../src/methods/causal/projection.js";
import type { Intervention, NeuronRows } from "../../../src/model/interventions.js";
import { loadModel } from "../../../src/model/load.js";
import type { Model } from "../../../src/model/model.js";
import { selectSites } from "../../../src/model/sites.js";
import { devices, openTestDevice } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { passagesOf, plain } from "./plain-loop.js";

const two: readonly Site[] = [
  { name: "a", width: 2, offset: 0 },
  { name: "b", width: 2, offset: 2 },
];
const bare = (width: number, ...values: number[]): NeuronRows => ({
  sites: [{ name: "activations", width, offset: 0 }],
  values: Float32Array.from(values),
});
const all = Uint32Array.of(0, 1);

describe("taking neurons off directions", () => {
  it("takes a direction as wide as a site for every site, and one as wide as all in its parts", () => {
    const each = offDirections(bare(2, 3, 4), two);
    expect(each(two[1]!, all)).toEqual({ operation: "project", value: Float32Array.of(0.6, 0.8) });
    const together = offDirections(bare(4, 3, 4, 0, -2), two);
    expect(together(two[0]!, all)).toEqual({ operation: "project", value: Float32Array.of(0.6, 0.8) });
    expect(together(two[1]!, all)).toEqual({ operation: "project", value: Float32Array.of(0, -1) });
  });

  it("finds the sites of values that name theirs, in any order", () => {
    const named = {
      sites: [
        { ...two[1]!, offset: 0 },
        { ...two[0]!, offset: 2 },
      ],
      values: Float32Array.of(0, 5, 7, 0),
    };
    expect(offDirections(named, two)(two[0]!, all).value).toEqual(Float32Array.of(1, 0));
    expect(offDirections(named, two)(two[1]!, all).value).toEqual(Float32Array.of(0, 1));
  });

  it("sees only a unit's own columns, of which one alone becomes 0 and none of a zero part changes", () => {
    const off = offDirections(bare(2, 3, 0, 5, 0), two);
    expect(off(two[0]!, Uint32Array.of(0))).toEqual({ operation: "project", value: Float32Array.of(1) });
    expect(off(two[0]!, Uint32Array.of(1))).toEqual({ operation: "add", value: 0 });
    expect(off(two[0]!, all).value).toEqual(Float32Array.of(1, 0)); // the second says nothing new
  });

  it.each([
    [bare(3, 1, 2, 3), "a number for each of the 2 neurons of a (or for all 4 of the sites) for directions but received \"3 numbers\""],
    [{ sites: [two[0]!], values: Float32Array.of(1, 2) }, "a number for each of the 2 neurons of b (or for all 4 of the sites) for directions but received \"2 of a\""],
    [bare(2, 1, Number.NaN), "finite numbers for directions but received NaN"],
  ])("refuses %#: what does not fit", (directions, sentence) => {
    expect(() => offDirections(directions, two)).toThrow(`Expected ${sentence}`);
  }); // biome-ignore format: a sentence a line
});

const corpus: Corpus = {
  path: "x",
  fingerprint: "f",
  sentences: ["abca", "h2", "z9z"].map((text) => spacedSentence(text)),
};

describe.each(devices)("ablation off directions on %s", (_, open) => {
  const opened = open();
  afterAll(async () => await (await opened)[Symbol.asyncDispose]());

  /** The damage of a sweep beside that of one whole pass per sentence with the same in words. */
  async function compare(
    model: Model,
    options: Omit<AblateEachOptions, "value" | "metric">,
    wanted: readonly (readonly Intervention[])[],
  ) {
    const result = await ablateEach(model, corpus, { ...options, value: "project", metric: "loss", batchTokens: 40 });
    const encodings = await model.tokenizer.encode(corpus.sentences.map(({ text }) => text));
    const loss = async (interventions: readonly Intervention[]) => {
      let [sum, count] = [0, 0];
      for (const { ids } of encodings) {
        const targets = Uint32Array.of(...ids.subarray(1), 0xffffffff);
        using forward = model.forward({ sequences: [ids], targets, interventions });
        for (const value of await forward.losses()) sum += value;
        count += ids.length - 1;
      }
      return sum / count;
    };
    const before = await loss([]);
    expect(result.scores).toHaveLength(wanted.length);
    for (const [unit, interventions] of wanted.entries())
      expect(result.scores[unit]).toBeCloseTo((await loss(interventions)) - before, 5);
    return result;
  }

  it("of layers, heads and neurons is that of a plain loop that subtracts the part along each", async () => {
    await using model = await loadModel(fixturePath("llama"), { device: await opened });
    const uniform = random(7);
    const numbers = (count: number) => Float32Array.from({ length: count }, () => uniform() - 0.5);
    const [residual] = selectSites(model.sites, "layers.0.residual");
    const directions = bare(residual!.width, ...numbers(2 * residual!.width));
    const project = { operation: "project", value: directions.values } as const;
    const layers = await compare(model, { each: "layer", sites: "layers.*.residual", directions }, [
      [{ site: "layers.0.residual", ...project }],
      [{ site: "layers.1.residual", ...project }],
    ]);
    expect(Math.max(...layers.scores.map(Math.abs))).toBeGreaterThan(1e-3);
    expect(layers.options).toMatchObject({ value: "project", directions: expect.stringMatching(/^[0-9a-f]{64}$/) });

    const site = "layers.1.attention.heads";
    const { width } = selectSites(model.sites, site)[0]!;
    const one = bare(width, ...numbers(width));
    const size = width / model.heads;
    const heads = Array.from({ length: model.heads }, (_, head): Intervention[] => {
      const columns = Array.from({ length: size }, (_, i) => head * size + i);
      return [{ site, columns, operation: "project", value: one.values.slice(head * size, (head + 1) * size) }];
    });
    await compare(model, { each: "head", sites: site, directions: one }, heads);
  });

  it("of a neuron is that of setting it to 0, and nothing where its number is 0", async () => {
    await using model = await loadModel(fixturePath("lstm"), { device: await opened });
    const passages = await passagesOf(model, "lstm");
    const site = selectSites(model.sites, "layers.0.hidden")[0]!;
    const off = offDirections(bare(site.width, ...Array.from({ length: site.width }, (_, i) => i % 2)), [site]);
    const ablations = [0, 1].map((column) => ({
      parts: [{ site: site.name, columns: [column], ...off(site, Uint32Array.of(column)) }],
    }));
    const options = { metric: "loss", positions: "all", batchTokens: 100 } as const;
    const { baseline, ablated } = await measureAblations(model, passages, ablations, options);
    expect(mean(ablated[0]!)).toBeCloseTo(mean(baseline), 6);
    const zero = { parts: [{ site: site.name, columns: [1], operation: "set", value: 0 } as const] };
    expect(mean(ablated[1]!)).toBeCloseTo(await plain(model, passages, zero, "loss"), 5);
  });
});

it("needs a direction, and takes none with other values", async () => {
  await using device = await openTestDevice("native");
  await using model = await loadModel(fixturePath("llama"), { device });
  const options = { each: "layer", sites: "layers.*.residual", metric: "loss" } as const;
  await expect(ablateEach(model, corpus, { ...options, value: "project" })).rejects.toThrow(
    "Expected a direction to project off for directions",
  );
  await expect(ablateEach(model, corpus, { ...options, value: "zero", directions: bare(2, 1, 2) })).rejects.toThrow(
    'Expected nothing without project for directions but received "zero"',
  );
});
