import { afterAll, describe, expect, test } from "vitest";
import { type Corpus, type Sentence, spacedSentence } from "../../../src/corpus/corpus.js";
import { labelPair } from "../../../src/corpus/pairs.js";
import type { Device } from "../../../src/device/device.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { ablateRanking } from "../../../src/methods/causal/ablate-ranking.js";
import type { MetricName } from "../../../src/methods/causal/metric.js";
import type { Intervention } from "../../../src/model/interventions.js";
import { loadModel } from "../../../src/model/load.js";
import type { Model } from "../../../src/model/model.js";
import { selectSites } from "../../../src/model/sites.js";
import { devices } from "../../devices.js";
import { copyModel, editWeights } from "../../fixtures/model-copy.js";
import { type Family, fixturePath } from "../../fixtures/model-fixture.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { groupsOf } from "./groups-of.js";

const folder = temporaryFolder();

const texts = ["abca", "h2", "z9z"];
const corpus: Corpus = { path: "x", fingerprint: "f", sentences: texts.map((text) => spacedSentence(text)) };

interface Read {
  readonly ids: Uint32Array;
  readonly logits: number[][];
  readonly residual: number[][];
}

/** Every sentence by itself: logits and last residual, token by token. */
async function readAlone(model: Model, interventions: readonly Intervention[]): Promise<Read[]> {
  const last = model.heads > 0 ? "residual" : "hidden";
  const sites = selectSites(model.sites, ["logits", `layers.${model.layers - 1}.${last}`]);
  const at = (name: string) => sites.find((site) => site.name.endsWith(name))!;
  const encodings = await model.tokenizer.encode(texts);
  const reads: Read[] = [];
  for (const { ids } of encodings) {
    using forward = model.forward({ sequences: [ids], interventions, capture: { sites } });
    const values = await forward.captured!.values();
    const columns = forward.captured!.columns;
    const rows = Array.from(ids, (_, t) => [...values.subarray(t * columns, (t + 1) * columns)]);
    const cut = (name: string) => rows.map((row) => row.slice(at(name).offset, at(name).offset + at(name).width));
    reads.push({ ids, logits: cut("logits"), residual: cut(last) });
  }
  return reads;
}

const logSoftmax = (row: number[]) => {
  const most = Math.max(...row);
  const sum = Math.log(row.reduce((total, value) => total + Math.exp(value - most), 0));
  return row.map((value) => value - most - sum);
};
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A metric by its definition. */
function measure(metric: MetricName, after: readonly Read[], before: readonly Read[]): number {
  const tokens = after.flatMap(({ ids, logits, residual }, s) =>
    Array.from(ids, (_, t) => {
      const was = before[s]!;
      if (metric === "representation") {
        const moved = Math.hypot(...residual[t]!.map((value, i) => value - was.residual[t]![i]!));
        return moved / Math.hypot(...was.residual[t]!);
      }
      if (t === ids.length - 1) return null;
      const [now, then] = [logSoftmax(logits[t]!), logSoftmax(was.logits[t]!)];
      const target = ids[t + 1]!;
      if (metric === "loss") return -now[target]!;
      if (metric === "gold-probability") return Math.exp(now[target]!);
      if (metric === "accuracy") return Number(now.indexOf(Math.max(...now)) === target);
      return then.reduce((sum, p, j) => sum + Math.exp(p) * (p - now[j]!), 0);
    }),
  );
  return mean(tokens.filter((value) => value !== null));
}

/** The mean of a column of a site over all tokens of the corpus. */
async function meanOf(model: Model, site: string, column: number): Promise<number> {
  const encodings = await model.tokenizer.encode(texts);
  const values: number[] = [];
  for (const { ids } of encodings) {
    using forward = model.forward({ sequences: [ids], capture: { sites: selectSites(model.sites, site) } });
    const matrix = await forward.captured!.values();
    for (let t = 0; t < ids.length; t++) values.push(matrix[t * forward.captured!.columns + column]!);
  }
  return mean(values);
}

/** Three neurons of a site, each a group of its own: a software GPU takes a second for a hundred tokens. */
const chosen = [0, 7, 12];

describe.each(devices)("ablation on %s", (_, open) => {
  const opened: Promise<Device> = open();
  afterAll(async () => await (await opened)[Symbol.asyncDispose]());

  describe.each<[Family, string]>([
    ["llama", "layers.1.mlp.hidden"],
    ["gru", "layers.0.hidden"],
    ["lstm", "layers.1.hidden"],
  ])("of %s", (family, site) => {
    const loaded: Promise<Model> = opened.then((device) => loadModel(fixturePath(family), { device }));
    afterAll(async () => await (await loaded)[Symbol.asyncDispose]());

    test.each<[MetricName, "zero" | "mean"]>([
      ["loss", "zero"],
      ["loss", "mean"],
      ["accuracy", "zero"],
      ["gold-probability", "zero"],
      ["kl", "mean"],
      ["representation", "zero"],
    ])("gives what a plain loop gives: %s, %s", async (metric, value) => {
      const model = await loaded;
      const grouping = groupsOf(model, site, chosen);
      const result = await ablateEach(model, corpus, { each: "group", grouping, value, metric, batchTokens: 30 });
      const before = await readAlone(model, []);
      expect(result.baseline).toBeCloseTo(measure(metric, before, before), 4);
      for (const [group, column] of chosen.entries()) {
        const set = value === "zero" ? 0 : await meanOf(model, site, column);
        const after = await readAlone(model, [{ site, columns: [column], operation: "set", value: set }]);
        const change = measure(metric, after, before) - measure(metric, before, before);
        expect(result.scores[group]).toBeCloseTo(/accuracy|gold/.test(metric) ? -change : change, 4); // float32 of logits
      }
    });

    test("submits once per forward batch, and once more for the texts of copies", async () => {
      const model = await loaded;
      const submits = model.device.submits;
      const grouping = groupsOf(model, site, chosen);
      await ablateEach(model, corpus, { each: "group", grouping, value: "zero", metric: "representation" });
      expect(model.device.submits - submits).toBe(3); // the model as it is; and of all groups
    });
  });

  test("of the top of a ranking is that of its neurons together", async () => {
    await using model = await loadModel(fixturePath("llama"), { device: await opened });
    const site = "layers.0.mlp.hidden";
    const { sites, provenance } = groupsOf(model, site, chosen);
    const order = Uint32Array.from({ length: 20 }, (_, i) => (i * 7) % 20);
    const scores = new Float64Array(20);
    const ranking = {
      kind: "ranking",
      method: "m",
      concept: null,
      sites,
      order,
      scores,
      options: {},
      provenance,
    } as const;
    const { values } = await ablateRanking(model, corpus, ranking, { value: "zero", metric: "loss", counts: [0, 3] });
    const columns = [...order.subarray(0, 3)];
    const after = await readAlone(model, [{ site, columns, operation: "set", value: 0 }]);
    expect(values.top[0]).toBeCloseTo(values.baseline, 5);
    expect(values.top[1]).toBeCloseTo(measure("loss", after, after), 4);
    expect(values.draws).toHaveLength(10);
  });

  test.each(["loss", "accuracy", "gold-probability", "kl", "representation", "minimal-pairs"] as const)(
    "refuses numbers that are none, by %s",
    async (metric) => {
      const path = copyModel("gpt2", folder);
      await editWeights(path, (tensors) => {
        tensors.get("transformer.h.0.ln_1.bias")!.values[2] = Number.NaN;
      });
      await using broken = await loadModel(path, { device: await opened });
      const pairs: Corpus = { ...corpus, sentences: labelPair(0, ...(["ab", "ac"].map((text) => spacedSentence(text)) as [Sentence, Sentence])) }; // biome-ignore format: one line
      const grouping = groupsOf(broken, "layers.1.mlp.hidden", chosen);
      const read = metric === "minimal-pairs" ? pairs : corpus;
      const sweep = ablateEach(broken, read, { each: "group", grouping, value: "zero", metric });
      await expect(sweep).rejects.toThrow(`Expected finite numbers for ${metric} but received "NaN in sentence 0 of ${broken.name} as it is"`); // biome-ignore format: one line
    },
  );

  test("of a head is that of its columns, and of a layer that of all its sites", async () => {
    await using model = await loadModel(fixturePath("llama"), { device: await opened });
    const before = await readAlone(model, []);
    const heads = await ablateEach(model, corpus, { each: "head", value: "zero", metric: "loss" });
    expect(heads.sites.map(({ width }) => width)).toEqual([4, 4]);
    const width = selectSites(model.sites, "layers.1.attention.heads")[0]!.width / 4;
    const columns = Array.from({ length: width }, (_, i) => 2 * width + i);
    const head = await readAlone(model, [{ site: "layers.1.attention.heads", columns, operation: "set", value: 0 }]);
    expect(heads.scores[6]).toBeCloseTo(measure("loss", head, head) - measure("loss", before, before), 4);

    const sites = ["layers.*.mlp.hidden", "layers.*.attention.heads"];
    const layers = await ablateEach(model, corpus, { each: "layer", sites, value: "zero", metric: "loss" });
    const all = ["layers.0.mlp.hidden", "layers.0.attention.heads"];
    const layer = await readAlone(
      model,
      all.map((site) => ({ site, operation: "set", value: 0 })),
    );
    expect(layers.sites.map(({ name }) => name)).toEqual(["layers.0", "layers.1"]);
    expect(layers.scores[0]).toBeCloseTo(measure("loss", layer, layer) - measure("loss", before, before), 4);
  });
});
