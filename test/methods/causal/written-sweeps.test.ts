import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Corpus, pairedSentence } from "../../../src/corpus/corpus.js";
import { type AblateEachOptions, ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { bleu } from "../../../src/methods/causal/bleu.js";
import { loadModel } from "../../../src/model/load.js";
import type { Model } from "../../../src/model/model.js";
import { devices, openTestDevice } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { writeAlone, writingModel } from "./writing-model.js";

/** As many tokens are written at most. */
const positions = 7;
const sources = ["de a", "abc", "cab bed", "de a", "h", "fade"];

/** A corpus of which the model gets two of three right. */
async function corpusFor(model: Model, read = sources) {
  const written = await writeAlone(model, read, positions);
  const right = written.map((text, i) => (i % 3 === 0 ? `${text.slice(0, -1)}e` : text));
  const sentences = right.map((text, i) => pairedSentence(read[i]!, text));
  return { corpus: { path: "pairs.tsv", fingerprint: "f", sentences }, right };
}

describe.each(devices)("sweeps of what T5 writes, whose neurons are behind a ReLU, on %s", (_, open) => {
  const opened = open();
  let loaded: Model;
  let model: Model;
  let corpus: Corpus;
  let right: string[];
  const few = sources.slice(0, 3);
  beforeAll(async () => {
    loaded = await loadModel(fixturePath("t5"), { device: await opened });
    model = writingModel(loaded, positions);
    ({ corpus, right } = await corpusFor(model, few));
  });
  afterAll(async () => {
    await loaded[Symbol.asyncDispose]();
    await (await opened)[Symbol.asyncDispose]();
  });

  const sweep = (options: Partial<AblateEachOptions> & { value: number | "zero" }) =>
    ablateEach(model, corpus, { each: "neuron", metric: "bleu", batchTokens: 200, ...options });

  it.each(["decoder", "encoder"])(
    "ablate neurons of the %s only where they fire, as a plain loop everywhere",
    async (stack) => {
      const site = `${stack}.layers.0.mlp.hidden`;
      const score = async (columns?: number[]) => {
        const interventions = columns ? [{ site, columns, operation: "set", value: 0 } as const] : [];
        return bleu(await writeAlone(model, few, positions, () => interventions), right)!;
      };
      const [zero, small] = [await sweep({ sites: site, value: "zero" }), await sweep({ sites: site, value: 1e-30 })];
      const before = await score();
      expect(zero.baseline).toBeCloseTo(before, 12);
      for (const column of [0, 3]) expect(zero.scores[column]).toBeCloseTo(before - (await score([column])), 12);
      expect(zero.scores).toEqual(small.scores); // 1e-30 is 0 to all that reads it, but changes every value
      expect(zero.operations.wholePasses).toBe(small.operations.wholePasses);
      expect(zero.operations.sweep).toBeLessThan(0.95 * small.operations.sweep);
      if (stack === "decoder") expect(zero.operations.sweep).toBeLessThan(0.55 * zero.operations.wholePasses);
    },
  );
});

describe("sweeps of what is written", () => {
  const opened = openTestDevice("native");
  afterAll(async () => (await opened)[Symbol.asyncDispose]());
  const folder = temporaryFolder();

  it.each(["exact-match", "bleu"] as const)(
    "have the same numbers, cut short at any record and gone on with: %s",
    async (metric) => {
      await using loaded = await loadModel(fixturePath("t5"), { device: await opened });
      const model = writingModel(loaded, positions);
      const { corpus } = await corpusFor(model);
      const journal = join(folder, `${metric}.sweep.partial`);
      const options = { each: "neuron", sites: "decoder.layers.*.mlp.hidden", value: "zero", metric, batchTokens: 60, journal } as const; // biome-ignore format: one line
      const whole = await ablateEach(model, corpus, options);
      expect(whole.plan.passages).toBeGreaterThan(1);
      const bytes = readFileSync(journal);
      const header = bytes.indexOf("\n") + 1;
      const lost: number[] = [];
      for (const share of [0, 0.1, 0.6, 1]) {
        writeFileSync(journal, bytes.subarray(0, header + Math.floor(share * (bytes.length - header))));
        let continued = 0;
        const said: number[] = [];
        const onProgress = (done: number, total: number, what: string) => {
          expect([total, what]).toEqual([sources.length * whole.scores.length, "texts of ablated passages"]);
          said.push(done);
        };
        const again = await ablateEach(model, corpus, { ...options, onContinue: () => continued++ }, { onProgress });
        expect(again).toEqual(whole);
        expect(continued).toBe(1);
        expect(said).toEqual(said.toSorted((a, b) => a - b));
        lost.push(said.length);
        expect(readFileSync(journal)).toEqual(bytes);
      }
      expect(lost).toEqual(lost.toSorted((a, b) => b - a));
      expect(lost[0]).toBeGreaterThan(lost.at(-1)!);
    },
  );

  it("say which of two units at a time write worse than each alone, as a plain loop does", async () => {
    await using loaded = await loadModel(fixturePath("bart"), { device: await opened });
    const model = writingModel(loaded, positions);
    const { corpus, right } = await corpusFor(model);
    const site = "decoder.layers.0.mlp.hidden";
    const { scores, baseline, interactions } = await ablateEach(model, corpus, { sites: site, value: 90, metric: "exact-match", pairs: 3 }); // biome-ignore format: one line
    const { order, effects } = interactions!;
    const damage = async (columns: number[]) => {
      const part = { site, columns, operation: "set", value: 90 } as const;
      const texts = await writeAlone(model, sources, positions, () => [part]);
      return baseline - texts.filter((text, i) => text === right[i]).length / sources.length;
    };
    expect(baseline).toBeCloseTo(4 / 6, 12);
    for (const column of order) expect(scores[column]).toBeCloseTo(await damage([column]), 12);
    for (const [i, j] of [[0, 1], [0, 2], [1, 2]] as const) // biome-ignore format: one line
      expect(effects[3 * i + j]).toBeCloseTo((await damage([order[i]!, order[j]!])) - scores[order[i]!]! - scores[order[j]!]!, 12); // biome-ignore format: one line
    expect(effects.some((effect) => effect !== 0)).toBe(true);
  });
});
