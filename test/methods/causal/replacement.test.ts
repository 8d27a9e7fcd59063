import { afterAll, describe, expect, it } from "vitest";
import { type Corpus, spacedSentence } from "../../../src/corpus/corpus.js";
import type { Device } from "../../../src/device/device.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { RowSample } from "../../../src/methods/causal/ablated-rows.js";
import { checkReplacement, type ReplacementName } from "../../../src/methods/causal/replacement.js";
import { capture } from "../../../src/model/capture.js";
import { intervene } from "../../../src/model/intervene.js";
import type { Intervention } from "../../../src/model/interventions.js";
import { loadModel } from "../../../src/model/load.js";
import { NO_TARGET } from "../../../src/model/model.js";
import { devices } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";

const texts = ["abca", "h2", "z9zb", "abzz9"];
const corpus: Corpus = { path: "x", fingerprint: "f", sentences: texts.map((text) => spacedSentence(text)) };
const site = "layers.0.mlp.hidden";

describe("a replacement", () => {
  it("is a name, a percentile or a number", () => {
    expect(["zero", "noise", "p90", "p2.50", "-1.5", 3].map((value) => checkReplacement("value", value))).toEqual(["zero", "noise", "p90", "p2.5", -1.5, 3]); // biome-ignore format: one line
    for (const wrong of ["sero", "p101", "", "p", Number.NaN]) {
      expect(() => checkReplacement("--value", wrong)).toThrow("Expected one of zero, mean, flip, noise, resample, project, a percentile from p0 to p100, or a number"); // biome-ignore format: one line
    }
    expect(() => checkReplacement("--value", "resampel")).toThrow('did you mean "resample"?');
  });

  it("draws rows fairly", () => {
    const counts = new Float64Array(10);
    for (let seed = 0; seed < 3000; seed++) {
      const sample = new RowSample(3, seed);
      for (let row = 0; row < 10; row++) sample.add(Float32Array.of(row));
      for (const row of sample.values(1)) counts[row]!++;
    }
    for (const count of counts) expect(Math.abs(count - 900)).toBeLessThan(4 * Math.sqrt(900 * 0.7));
  });
});

describe.each(devices)("on %s", (_, open) => {
  const opened: Promise<Device> = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  /** The loss with some interventions, each sentence by itself; they are told which sentence it is. */
  async function lossWith(make: (sentence: number, length: number) => Intervention[]) {
    await using model = await loadModel(fixturePath("llama"), { device: await opened });
    const encodings = await model.tokenizer.encode(texts);
    let [sum, count] = [0, 0];
    for (const [s, { ids }] of encodings.entries()) {
      const targets = Uint32Array.of(...ids.subarray(1), NO_TARGET);
      const identities = Uint32Array.of(s);
      using forward = model.forward({ sequences: [ids], targets, identities, interventions: make(s, ids.length) });
      for (const loss of await forward.losses()) sum += loss;
      count += ids.length - 1;
    }
    return sum / count;
  }

  async function ablate(value: ReplacementName, more: object = {}) {
    await using model = await loadModel(fixturePath("llama"), { device: await opened });
    return await ablateEach(model, corpus, { value, metric: "loss", sites: site, seed: 5, ...more });
  }

  /** All values of the site over the corpus: rows × width. */
  async function rows() {
    await using model = await loadModel(fixturePath("llama"), { device: await opened });
    const encodings = await model.tokenizer.encode(texts);
    const { values, sites } = await capture(model, encodings.map(({ ids }) => ids), site); // biome-ignore format: one line
    const width = sites[0]!.width;
    const column = (c: number) =>
      Float32Array.from({ length: values.length / width }, (_, row) => values[row * width + c]!);
    return { sites, values, column };
  }

  it.each(["flip", -0.75, "p50", "p90"] as const)("%s does what an intervention in words does", async (value) => {
    const { column } = await rows();
    const result = await ablate(value);
    expect(result.value).toBe(value);
    for (const neuron of [0, 3]) {
      const target = intervene(`${site}:${neuron}`);
      const sorted = column(neuron).sort();
      const place = (value === "p90" ? 0.9 : 0.5) * (sorted.length - 1);
      const quantile =
        sorted[Math.floor(place)]! + (place % 1) * (sorted[Math.ceil(place)]! - sorted[Math.floor(place)]!);
      const wanted = await lossWith(() => [value === "flip" ? target.flip() : target.set(typeof value === "number" ? value : quantile)]); // biome-ignore format: one line
      expect(result.scores[neuron]! + result.baseline).toBeCloseTo(wanted, 5);
    }
  });

  it("noise has each neuron's own deviation, and the same draws whatever the batches are", async () => {
    const { column } = await rows();
    const result = await ablate("noise");
    const small = await ablate("noise", { batchTokens: 1 });
    for (const [i, score] of small.scores.entries()) expect(score).toBeCloseTo(result.scores[i]!, 5);
    const own = column(2);
    const mean = own.reduce((sum, x) => sum + x, 0) / own.length;
    const deviation = Math.sqrt(own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / own.length);
    const wanted = await lossWith(() => [intervene(`${site}:2`).noise(deviation, { seed: 5 })]);
    expect(result.scores[2]! + result.baseline).toBeCloseTo(wanted, 5);
    expect((await ablate("noise", { seed: 6 })).scores[2]).not.toBeCloseTo(result.scores[2]!, 6);
  });

  it("resampling takes values of other ablated positions, the same whatever the batches are", async () => {
    const { sites, values } = await rows();
    const result = await ablate("resample");
    const small = await ablate("resample", { batchTokens: 1 });
    for (const [i, score] of small.scores.entries()) expect(score).toBeCloseTo(result.scores[i]!, 5);
    // the passages are read longest first, so the rows to draw from stand in another order
    const order = [3, 0, 2, 1].flatMap((s) =>
      Array.from({ length: texts[s]!.length }, (_, t) => [0, 4, 6, 10][s]! + t),
    );
    const width = sites[0]!.width;
    const drawn = Float32Array.from(order.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]));
    const wanted = await lossWith(() => [intervene(`${site}:1`).resample({ sites, values: drawn }, { seed: 5 })]);
    expect(result.scores[1]! + result.baseline).toBeCloseTo(wanted, 5);
  });

  it("at the last position changes nothing before it", async () => {
    const last = await ablate("zero", { positions: "last", metric: "representation" });
    const all = await ablate("zero", { metric: "representation" });
    const none = await ablate("zero", { positions: "last" });
    expect(Math.max(...last.scores)).toBeGreaterThan(0);
    expect(Math.max(...last.scores)).toBeLessThan(Math.max(...all.scores));
    for (const score of none.scores) expect(score).toBeCloseTo(0, 6); // the last token predicts nothing
  });
});
