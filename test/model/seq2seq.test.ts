import { afterAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { type ModelSite, selectSites } from "../../src/model/sites.js";
import { isSourceSite } from "../../src/model/stacks.js";
import { devices } from "../devices.js";
import { expectedPath, fixturePath, largestDifference, readReference, tolerance } from "../fixtures/model-fixture.js";
import { encoderDecoders, readExpectedStacks, stackChange } from "../fixtures/seq2seq-fixture.js";

/** The sites whose rows are tokens of the sources, or those of the decoder's tokens. */
function sitesOf(model: Model, ofSources: boolean): ModelSite[] {
  return model.sites.filter(({ name, width }) => width !== null && isSourceSite(name) === ofSources);
}

describe.each(devices)("on %s", (_, open) => {
  const opened: Promise<Device> = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  describe.each(encoderDecoders)("%s", (family) => {
    const loaded: Promise<Model> = opened.then((device) => loadModel(fixturePath(family), { device }));
    afterAll(async () => (await loaded)[Symbol.asyncDispose]());

    it("has every site that the reference has, and every value within 1e-4 of it", async () => {
      const [model, expected] = [await loaded, await readExpectedStacks(family)];
      const { sequences, sources } = expected;
      expect(model.sites.map(({ name }) => name).sort()).toEqual([...expected.sites.keys()].sort());
      for (const ofSources of [true, false]) {
        const names = sitesOf(model, ofSources).map(({ name }) => name);
        const sites = selectSites(model.sites, names);
        const before = model.device.submits;
        using forward = model.forward({ sequences, sources, capture: { sites } });
        expect(model.device.submits - before).toBe(1);
        const { rows, columns } = forward.captured!;
        const matrix = await forward.captured!.values();
        for (const { name, width, offset } of sites) {
          const values = new Float32Array(rows * width).map(
            (_, i) => matrix[Math.floor(i / width) * columns + offset + (i % width)]!,
          );
          expect(largestDifference(values, expected.sites.get(name)!), name).toBeLessThan(tolerance);
        }
      }
      const scores = model.sites.filter(({ width }) => width === null).map(({ name }) => name);
      using forward = model.forward({ sequences, sources, scores });
      for (const site of scores) {
        const values = Float32Array.from((await forward.scores(site)).flatMap((own) => [...own]));
        expect(largestDifference(values, expected.sites.get(site)!), site).toBeLessThan(tolerance);
      }
    });

    it("passes a change of every site on to the logits as the reference does", async () => {
      const [model, expected] = [await loaded, await readExpectedStacks(family)];
      const { sequences, sources } = expected;
      const logits = selectSites(model.sites, "decoder.logits");
      for (const site of expected.changed.keys()) {
        const interventions = [{ site, ...stackChange }];
        using forward = model.forward({ sequences, sources, capture: { sites: logits }, interventions });
        const values = await forward.captured!.values();
        const last = forward.starts[stackChange.sequence + 1]! - 1;
        const row = values.subarray(last * model.vocabulary, (last + 1) * model.vocabulary);
        expect(largestDifference(row, expected.changed.get(site)!), site).toBeLessThan(tolerance);
      }
    });

    it("reads sources alone where there is nothing to decode", async () => {
      const [model, expected] = [await loaded, await readExpectedStacks(family)];
      const sites = selectSites(model.sites, "encoder.layers.0.*");
      const before = model.device.submits;
      using forward = model.forward({ sequences: [], sources: expected.sources, capture: { sites } });
      expect(model.device.submits - before).toBe(1);
      const [{ width, name }, columns] = [sites[0]!, forward.captured!.columns];
      const values = await forward.captured!.values();
      const own = new Float32Array((values.length / columns) * width).map(
        (_, i) => values[Math.floor(i / width) * columns + (i % width)]!,
      );
      expect(largestDifference(own, expected.sites.get(name)!)).toBeLessThan(tolerance);
      expect(forward.tokens).toBe(0);
    });

    it("gives losses and likeliest tokens as its logits say", async () => {
      const [model, { sequences, sources, sites }] = [await loaded, await readExpectedStacks(family)];
      const targets = Uint32Array.from({ length: 7 }, (_, token) => 3 + token);
      using forward = model.forward({ sequences, sources, targets });
      const [losses, best] = [await forward.losses(), await forward.predictions()];
      const logits = sites.get("decoder.logits")!;
      targets.forEach((target, token) => {
        const row = logits.subarray(token * model.vocabulary, (token + 1) * model.vocabulary);
        const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
        expect(Math.abs(losses[token]! - (total - row[target]!))).toBeLessThan(tolerance);
        expect(best[token]).toBe(row.indexOf(Math.max(...row)));
      });
    });
  });

  it("reads T5's encoder alone as a model of one stack", async () => {
    const { sequences, tensors } = await readReference(expectedPath("t5-encoder"));
    await using model = await loadModel(fixturePath("t5-encoder"), { device: await opened });
    expect([model.encoder, model.head.kind, model.layers]).toEqual([null, "none", 1]);
    const sites = selectSites(model.sites, "*");
    const scores = model.sites.filter(({ width }) => width === null).map(({ name }) => name);
    expect([...sites.map(({ name }) => name), ...scores].sort()).toEqual(
      [...tensors.keys()].filter((name) => !/ids|starts/.test(name)).sort(),
    );
    using forward = model.forward({ sequences, capture: { sites } });
    const { columns } = forward.captured!;
    const matrix = await forward.captured!.values();
    for (const { name, width, offset } of sites) {
      const values = new Float32Array(forward.tokens * width).map(
        (_, i) => matrix[Math.floor(i / width) * columns + offset + (i % width)]!,
      );
      expect(largestDifference(values, tensors.get(name)!), name).toBeLessThan(tolerance);
    }
    expect(() => model.forward({ sequences, sources: sequences })).toThrow("without encoder and decoder for sources");
  });

  it("refuses what does not fit together in one sentence each", async () => {
    const model = await loadModel(fixturePath("bart"), { device: await opened });
    await using _model = model;
    const [ids, longer] = [Uint32Array.of(3, 4), new Uint32Array(13).fill(3)];
    const encoded = selectSites(model.sites, "encoder.embed");
    const decoded = selectSites(model.sites, "decoder.embed");
    const both = selectSites(model.sites, ["encoder.embed", "decoder.embed"]);
    const refuse = (request: Parameters<Model["forward"]>[0]) => expect(() => model.forward(request));
    refuse({ sequences: [ids] }).toThrow("Expected what the encoder reads, one for each of `sequences` for sources");
    refuse({ sequences: [ids], sources: [ids, ids] }).toThrow("for sources but received 2");
    refuse({ sequences: [ids], sources: [longer] }).toThrow("at most 12 tokens (the model's positions) for sources[0]");
    refuse({ sequences: [ids], sources: [Uint32Array.of(23)] }).toThrow("ids below 23 for sources[0]");
    refuse({ sequences: [], sources: [ids], capture: { sites: decoded } }).toThrow("what the decoder reads");
    const interventions = [{ site: "decoder.embed", operation: "set", value: 0 }] as const;
    refuse({ sequences: [], sources: [ids], interventions }).toThrow("what the decoder reads, for decoder.embed");
    refuse({ sequences: [ids], sources: [ids], capture: { sites: both } }).toThrow("encoder.embed and decoder.embed");
    using right = model.forward({ sequences: [ids], sources: [ids], capture: { sites: encoded } });
    expect(right.captured!.rows).toBe(2);
  });
});
