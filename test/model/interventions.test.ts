import { afterAll, describe, expect, it } from "vitest";
import { normal, random } from "../../src/core/random.js";
import type { Device } from "../../src/device/device.js";
import { capture } from "../../src/model/capture.js";
import { intervene } from "../../src/model/intervene.js";
import type { Intervention } from "../../src/model/interventions.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { devices } from "../devices.js";
import { type Family, fixturePath, largestDifference } from "../fixtures/model-fixture.js";

const ids = (...values: number[]) => Uint32Array.from(values);
const texts = [ids(3, 1, 4), ids(1, 5, 9, 2, 6), ids(5)];

describe.each(devices)("on %s", (_, open) => {
  const opened: Promise<Device> = open();
  const models = new Map<Family, Promise<Model>>();
  const load = (family: Family) => {
    const loaded = models.get(family) ?? opened.then((device) => loadModel(fixturePath(family), { device }));
    models.set(family, loaded);
    return loaded;
  };
  afterAll(async () => {
    for (const model of models.values()) await (await model)[Symbol.asyncDispose]();
    await (await opened)[Symbol.asyncDispose]();
  });

  /** A site's values before and after, rows × columns. */
  async function around(model: Model, site: string, ...interventions: Intervention[]) {
    const before = await capture(model, texts, site);
    const after = await capture(model, texts, site, { interventions });
    return { before: before.values, after: after.values, width: before.sites[0]!.width, starts: before.starts };
  }

  const families = [
    ["llama", "layers.1.mlp.hidden"],
    ["bert", "layers.0.residual"],
    ["lstm", "layers.1.hidden"],
    ["gru", "layers.0.gate.update"],
  ] as const;

  it.each(families)("%s: flips, sets, scales and adds, in order, for the last token only", async (family, site) => {
    const model = await load(family);
    const { before, after, width, starts } = await around(
      model,
      site,
      intervene(site).at("last").flip(),
      intervene(`${site}:0`).at("last").set(3),
      intervene(`${site}:0-1`).at("last").in(1).add(Float32Array.of(0.5, 2)),
    );
    // the last layer's earlier tokens stay; a recurrent layer's later ones have changed inputs, so the first sequence
    const last = (s: number) => (starts[s + 1]! - 1) * width;
    const wanted = before.slice(last(1), last(1) + width).map((value) => -value);
    wanted[0] = 3.5;
    wanted[1]! += 2;
    expect(largestDifference(after.slice(last(1), last(1) + width), wanted)).toBeLessThan(1e-5);
    expect(after.slice(0, last(0))).toEqual(before.slice(0, last(0)));
    expect([after[last(0)], after[last(2)]]).toEqual([3, 3]);
  });

  it("zeroes heads: of queries and outputs, and key heads that several of them share", async () => {
    const model = await load("llama");
    for (const [part, heads] of [
      ["heads", 4],
      ["query", 4],
      ["key", 2],
      ["value", 2],
    ] as const) {
      const site = `layers.0.attention.${part}`;
      const { before, after, width } = await around(model, site, intervene(`${site}:head.1`).zero());
      const size = width / heads;
      const wanted = before.map((value, i) => (Math.floor((i % width) / size) === 1 ? 0 : value));
      expect(largestDifference(after, wanted), part).toBe(0);
      const refused = intervene(site).heads([heads]).zero();
      expect(() => model.forward({ sequences: texts, interventions: [refused] })).toThrow(
        `Expected heads from 0 to ${heads - 1} for heads of ${site} but received ${heads}`,
      );
    }
    const scores = "layers.1.attention.scores";
    const { after } = await around(model, "layers.1.attention.heads", intervene(`${scores}:head.2`).zero());
    expect(after.every((value, i) => Math.floor((i % 16) / 4) !== 2 || value === 0)).toBe(true);
    const some = intervene(`${scores}:head.2`).at([0, 4]).zero(); // only the second text has a position 4
    const there = await around(model, "layers.1.attention.heads", some);
    const zeros = Array.from({ length: 9 }, (_, row) => there.after.slice(row * 16 + 8, row * 16 + 12).every((x) => x === 0)); // biome-ignore format: one line
    expect(zeros).toEqual([true, false, false, true, false, false, false, true, true]);
  });

  it("takes a selector's sites together", async () => {
    const model = await load("gpt2");
    const sites = "layers.*.mlp.hidden";
    const { values } = await capture(model, texts, sites, { interventions: [intervene(`${sites}:1-2`).set(0.25)] });
    const width = values.length / 9 / 2;
    const held = values.map((value, i) => ([1, 2].includes(i % width) ? 0.25 : value));
    expect([...values].filter((value) => value === 0.25)).toHaveLength(9 * 2 * 2);
    expect(values).toEqual(held);
  });

  it("projects off the span of directions that are not orthogonal", async () => {
    const model = await load("llama");
    const site = "layers.1.residual";
    const next = normal(random(5));
    const { sites } = await capture(model, [texts[2]!], site);
    const directions = [0, 1, 2].map(() => Float32Array.from({ length: sites[0]!.width }, next));
    const [first, second, third] = directions as [Float32Array, Float32Array, Float32Array];
    const skew = second.map((value, i) => value + 20 * first[i]!);
    const { before, after, width } = await around(model, site, intervene(site).project(first, skew, third));
    for (let row = 0; row < 9; row++) {
      const left = after.slice(row * width, (row + 1) * width);
      for (const direction of directions) {
        expect(left.reduce((sum, x, i) => sum + x * direction[i]!, 0)).toBeCloseTo(0, 4);
      }
    }
    const { after: twice } = await around(model, site, intervene(site).project(first), intervene(site).project(first));
    const { after: once } = await around(model, site, intervene(site).project(first));
    expect(largestDifference(twice, once)).toBeLessThan(1e-5);
    expect(largestDifference(before, after)).toBeGreaterThan(0.01);
    const dependent = intervene(site).project(
      first,
      first.map((value) => 2 * value),
    );
    expect(() => model.forward({ sequences: texts, interventions: [dependent] })).toThrow("none is a sum of others");
  });

  it.each(families)(
    "%s: noise has its size, and is a draw of seed, sequence, position and column alone",
    async (family, site) => {
      const model = await load(family);
      const noise = intervene(site).at([0, 1]).noise(0.5, { seed: 7 });
      const { before, after, width } = await around(model, site, noise);
      const added = after.map((value, i) => value - before[i]!).subarray(0, width);
      const all = await around(model, site, intervene(`${site}:2-4`).at(0).noise(0.5, { seed: 7 }));
      for (const column of [2, 3, 4]) expect(all.after[column]! - all.before[column]!).toBeCloseTo(added[column]!, 5);
      const other = await around(model, site, intervene(site).at(0).noise(0.5, { seed: 8 }));
      expect(largestDifference(other.after.slice(0, width), after.slice(0, width))).toBeGreaterThan(0.1);
      const deviations = new Float32Array(width).fill(0.5);
      const each = await around(model, site, intervene(site).at(0).noise({ sites: [{ name: site, width, offset: 0 }], values: deviations }, { seed: 7 })); // biome-ignore format: one line
      expect(largestDifference(each.after.slice(0, width), after.slice(0, width))).toBe(0);
    },
  );

  it("draws noise that is normal", async () => {
    const model = await load("bert");
    const many = Array.from({ length: 60 }, () => ids(3, 1, 4, 1, 5));
    const site = "layers.0.residual";
    const noise = intervene(site).noise(2);
    const [before, after] = [
      await capture(model, many, site),
      await capture(model, many, site, { interventions: [noise] }),
    ];
    const added = after.values.map((value, i) => value - before.values[i]!);
    const mean = added.reduce((sum, x) => sum + x, 0) / added.length;
    const variance = added.reduce((sum, x) => sum + (x - mean) ** 2, 0) / added.length;
    expect(Math.abs(mean)).toBeLessThan(0.1); // 7,200 draws: a standard error of .024
    expect(Math.abs(variance / 4 - 1)).toBeLessThan(0.1);
  });

  it.each(families)("%s: resamples whole rows of the values it is given", async (family, site) => {
    const model = await load(family);
    const other = await capture(model, [ids(7, 7, 2), ids(9, 9)], site);
    const { before, after, width } = await around(model, site, intervene(site).resample(other, { seed: 3 }));
    const rows = Array.from({ length: 5 }, (_, row) => other.values.slice(row * width, (row + 1) * width));
    const drawn = Array.from({ length: 9 }, (_, row) =>
      rows.findIndex((values) => largestDifference(values, after.slice(row * width, (row + 1) * width)) < 1e-6),
    );
    if (site.endsWith("hidden")) expect(drawn).not.toContain(-1); // a gate's later tokens feel the changed states
    expect(new Set(drawn).size).toBeGreaterThan(1);
    expect(largestDifference(before, after)).toBeGreaterThan(0.01);
  });

  it.each(families)("%s: patches a run into another, position by position", async (family, site) => {
    const model = await load(family);
    const clean = [ids(2, 2, 2), ids(8, 7, 6, 5, 4), ids(1)];
    const run = await capture(model, clean, site);
    const { after } = await around(model, site, intervene(site).patch(run));
    expect(largestDifference(after, run.values)).toBeLessThan(1e-6);
    const some = await around(model, site, intervene(`${site}:1`).at(2).in([0, 2]).patch(run, { sequence: 1 }));
    const width = some.width;
    for (const row of [2, 5]) expect(some.after[row * width + 1]).toBeCloseTo(run.values[5 * width + 1]!, 6);
    expect(() => model.forward({ sequences: texts, interventions: [intervene(site).patch(run, { sequence: 2 })] })).toThrow("a run with position 1 of sequence 2"); // biome-ignore format: one line
  });

  it("lets every sequence of a batch carry its own", async () => {
    const model = await load("gpt2");
    const same = [texts[1]!, texts[1]!, texts[1]!];
    const site = "layers.0.mlp.hidden";
    const [one, two] = [intervene(`${site}:3`).at("last"), intervene(`${site}:4`)];
    const together = await capture(model, same, "logits", { interventions: [one.in(1).set(2), two.in(2).flip()] });
    const size = together.values.length / 3;
    for (const [s, alone] of [[], [one.set(2)], [two.flip()]].entries()) {
      const { values } = await capture(model, [texts[1]!], "logits", { interventions: alone });
      expect(largestDifference(values, together.values.slice(s * size, (s + 1) * size))).toBeLessThan(1e-5);
    }
  });

  it("refuses what the model does not have", async () => {
    const model = await load("llama");
    const run = (intervention: Intervention) => () =>
      model.forward({ sequences: texts, interventions: [intervention] });
    expect(run(intervene("layers.0.mlp.hiden").zero())).toThrow('did you mean "layers.0.mlp.hidden"');
    expect(run(intervene("layers.0-7.residual").zero())).toThrow("Expected a site of the model");
    const width = model.sites.find(({ name }) => name === "layers.0.residual")!.width!;
    expect(run(intervene(`layers.0.residual:${width}`).zero())).toThrow(
      `Expected layers.0.residual:0 to layers.0.residual:${width - 1} for neuron but received "layers.0.residual:${width}"`,
    );
    expect(run(intervene("layers.0.residual:head.0").zero())).toThrow("Expected a site of attention heads for heads");
    expect(run(intervene("final").at(5).zero())).toThrow("Expected positions from 0 to 4 for positions");
    expect(run(intervene("final").in(3).zero())).toThrow("a sequence of the batch, from 0 to 2");
    expect(run(intervene("layers.0.attention.scores").noise(1))).toThrow("Expected set, add, scale or project");
    const values = { sites: [{ name: "embed", width: 16, offset: 0 }], values: new Float32Array(16) };
    expect(run(intervene("final").set(values))).toThrow("Expected values of final for value but received");
    expect(run(intervene("final").patch(values))).toThrow("Expected values of final for value");
    expect(run(intervene("embed").patch(values))).toThrow("a run that knows its sequences");
  });
});
