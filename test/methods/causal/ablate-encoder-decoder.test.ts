import { afterAll, describe, expect, it } from "vitest";
import { type Corpus, pairedSentence } from "../../../src/corpus/corpus.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { loadModel } from "../../../src/model/load.js";
import { selectSites } from "../../../src/model/sites.js";
import { devices } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { groupsOf } from "./groups-of.js";

const corpus: Corpus = {
  path: "pairs.tsv",
  fingerprint: "f",
  sentences: [pairedSentence("de a", "cab a"), pairedSentence("abc", "e")],
};

describe.each(devices)("ablation of an encoder-decoder on %s", (_, open) => {
  const opened = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  it("measures the targets, teacher-forced, beside the sources", async () => {
    await using model = await loadModel(fixturePath("bart"), { device: await opened });
    const sites = "decoder.layers.0.cross.heads";
    const result = await ablateEach(model, corpus, { each: "layer", sites, value: "zero", metric: "loss" });
    const [sources, targets] = [
      await model.tokenizer.encode(["de a", "abc"]),
      await model.targetTokenizer.encode(["cab a", "e"]),
    ];
    const loss = async (interventions: { site: string; operation: "set"; value: number }[]) => {
      using forward = model.forward({
        sources: sources.map(({ ids }) => ids),
        sequences: targets.map(({ ids }) => Uint32Array.of(model.encoder!.start, ...ids.subarray(0, -1))),
        targets: Uint32Array.from(targets.flatMap(({ ids }) => [...ids])),
        interventions,
      });
      return (await forward.losses()).reduce((sum, value) => sum + value, 0) / 6;
    };
    const before = await loss([]);
    expect(result.baseline).toBeCloseTo(before, 4);
    const after = await loss([{ site: sites, operation: "set", value: 0 }]);
    expect(result.scores[0]).toBeCloseTo(after - before, 4);
    expect(Math.abs(after - before)).toBeGreaterThan(1e-3);
  });

  it.each(["all", "content"] as const)(
    "measures the targets without what the encoder makes of %s tokens",
    async (positions) => {
      await using model = await loadModel(fixturePath("bart"), { device: await opened });
      const sites = "encoder.layers.0.mlp.hidden";
      const result = await ablateEach(model, corpus, {
        each: "layer",
        sites,
        value: "mean",
        metric: "loss",
        positions,
      });
      const sources = await model.tokenizer.encode(["de a", "abc"]);
      const targets = await model.targetTokenizer.encode(["cab a", "e"]);
      const width = selectSites(model.sites, sites)[0]!.width;
      const rows: number[][] = [];
      const places = sources.map(({ ids, special }) =>
        [...ids.keys()].filter((position) => positions === "all" || special[position] === 0),
      );
      for (const [s, { ids }] of sources.entries()) {
        using forward = model.forward({
          sources: [ids],
          sequences: [],
          capture: { sites: selectSites(model.sites, sites) },
        });
        const values = await forward.captured!.values();
        for (const position of places[s]!) rows.push([...values.subarray(position * width, (position + 1) * width)]);
      }
      const means = Float32Array.from(
        { length: width },
        (_, column) => rows.reduce((sum, row) => sum + row[column]!, 0) / rows.length,
      );
      const loss = async (ablated: boolean) => {
        let [sum, count] = [0, 0];
        for (const [s, { ids }] of targets.entries()) {
          const change = { site: sites, operation: "set", value: means, positions: places[s]! } as const;
          using forward = model.forward({
            sources: [sources[s]!.ids],
            sequences: [Uint32Array.of(model.encoder!.start, ...ids.subarray(0, -1))],
            targets: ids,
            interventions: ablated ? [change] : [],
          });
          sum += (await forward.losses()).reduce((total, value) => total + value, 0);
          count += ids.length;
        }
        return sum / count;
      };
      const [before, after] = [await loss(false), await loss(true)];
      expect(result.scores[0]).toBeCloseTo(after - before, 4);
      expect(Math.abs(after - before)).toBeGreaterThan(1e-3);
    },
  );

  it("finds percentiles over all tokens of sources that are longer than their targets", async () => {
    await using model = await loadModel(fixturePath("bart"), { device: await opened });
    const [site, text] = ["encoder.layers.0.mlp.hidden", "gfedcba"];
    const long: Corpus = { path: "x", fingerprint: "f", sentences: [pairedSentence(text, "e")] };
    const ids = (await model.tokenizer.encode([text]))[0]!.ids;
    const capture = { sites: selectSites(model.sites, site) };
    using forward = model.forward({ sources: [ids], sequences: [], capture });
    const values = await forward.captured!.values();
    const own = Array.from(ids, (_, t) => values[t * capture.sites[0]!.width]!).sort((a, b) => a - b);
    const options = { each: "group", grouping: groupsOf(model, site, [0]), metric: "loss" } as const;
    const [percentile, number] = [await ablateEach(model, long, { ...options, value: "p50" }), await ablateEach(model, long, { ...options, value: own[3]! })]; // biome-ignore format: one line
    expect(ids.length).toBe(7);
    expect(percentile.scores[0]).toBe(number.scores[0]);
    expect(Math.abs(number.scores[0]!)).toBeGreaterThan(1e-4);
  });

  it("takes heads of each stack for what they are, and refuses sites of both at once", async () => {
    await using model = await loadModel(fixturePath("bart"), { device: await opened });
    const options = { each: "head", value: "zero", metric: "loss" } as const;
    const heads = await ablateEach(model, corpus, { ...options, sites: "encoder.layers.0.attention.heads" });
    expect(heads.sites.map(({ width }) => width)).toEqual([model.encoder!.heads]);
    const sites = ["encoder.layers.0.attention.heads", "decoder.layers.0.attention.heads"];
    await expect(ablateEach(model, corpus, { ...options, sites })).rejects.toThrow(
      "sites of the encoder or of the decoder, whose rows are other tokens",
    );
  });
});
