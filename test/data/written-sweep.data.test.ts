import { readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { pairedSentence } from "../../src/corpus/corpus.js";
import { openDevice } from "../../src/device/select.js";
import { ablateEach } from "../../src/methods/causal/ablate-each.js";
import { isExact } from "../../src/methods/causal/measure-written.js";
import { generate } from "../../src/model/generate.js";
import { loadModel } from "../../src/model/load.js";
import { data } from "./folder.js";

const opened = openDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

it.each([
  ["decoder.layers.0.mlp.hidden", 0.1],
  ["decoder.layers.0.attention.heads", 0.6],
])(
  "neurons of %s of bart-g2p-us are judged by what it writes as by a whole writing each, for less",
  async (site, share) => {
    await using model = await loadModel(`${data}models/bart-g2p-us`, { device: await opened });
    const dictionary: Record<string, string> = JSON.parse(readFileSync(`${model.path}/dictionary.json`, "utf8"));
    const words = Object.keys(dictionary).filter((_, i) => i % 900 === 0);
    const right = words.map((word) => dictionary[word]!);
    const sentences = words.map((word, i) => pairedSentence(word, right[i]!));
    const corpus = { path: "dictionary.json", fingerprint: "f", sentences };
    const { scores, order, baseline, operations } = await ablateEach(model, corpus, { sites: site, value: "zero", metric: "exact-match" }); // biome-ignore format: one line
    expect(baseline).toBeGreaterThan(0.6);
    expect(scores[order[0]!]).toBeGreaterThan(0);
    expect(operations.sweep).toBeLessThan(share * operations.wholePasses);
    for (const column of [...order.subarray(0, 16), ...order.subarray(-16)]) {
      const interventions = [{ site, columns: [column], operation: "set", value: 0 } as const];
      const written = await generate(model, words, { tokens: 40, interventions });
      const after = written.filter(({ text }, i) => isExact(text, right[i]!)).length / words.length;
      expect(scores[column], `${site}:${column}`).toBeCloseTo(baseline - after, 12);
    }
  },
);
