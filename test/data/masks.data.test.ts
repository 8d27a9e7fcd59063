import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { activations } from "../../src/activations/live.js";
import { openSource } from "../../src/activations/open.js";
import { writeStore } from "../../src/activations/store-writer.js";
import { readCorpus } from "../../src/corpus/read.js";
import { openDevice } from "../../src/device/select.js";
import { averagePrecision } from "../../src/methods/corpus/average-precision.js";
import { iou } from "../../src/methods/corpus/iou.js";
import { loadModel } from "../../src/model/load.js";
import { temporaryFolder } from "../temporary-folder.js";
import { data } from "./folder.js";

const folder = temporaryFolder();
const opened = openDevice("native");
afterAll(async () => await (await opened)[Symbol.asyncDispose]());

describe("the words of EWT dev in a BERT's layer 4", () => {
  const source = (async () => {
    const model = await loadModel(`${data}models/all-minilm-l6-v2`, { device: await opened });
    const corpus = await readCorpus(`${data}corpora/UD_English-EWT/en_ewt-ud-dev.conllu`);
    const store = join(folder, "acts");
    await writeStore(await activations(model, corpus, { sites: "layers.3.residual", rows: "word" }), store);
    return await openSource(store);
  })();

  test("have no neuron for determiners, but a direction, and one for punctuation", async () => {
    const { controls } = await averagePrecision(await source, {
      concepts: "upos=DET,upos=PUNCT",
      controls: true,
      device: await opened,
    });
    const [determiner, punctuation] = controls!;
    // once measured, on another split and rotation: .26 .29 .87 and .70 .23 .92
    expect(determiner!.neuron.score).toBeCloseTo(0.26, 1);
    expect(determiner!.rotation).toBeCloseTo(0.29, 1);
    expect(determiner!.direction).toBeCloseTo(0.87, 1);
    expect(punctuation!.neuron.score).toBeCloseTo(0.7, 1);
    expect(punctuation!.rotation).toBeLessThan(0.4);
    expect(punctuation!.direction).toBeCloseTo(0.92, 1);
    expect(punctuation!.neuron.name).toBe("layers.3.residual:63");
  });

  test("have frequent tags as best tags of nearly all masks, until chance is taken off", async () => {
    const { best, bestAdjusted } = await iou(await source, { concept: "upos", device: await opened });
    const frequent = (tags: readonly string[] = []) =>
      tags.filter((tag) => tag === "NOUN" || tag === "PUNCT").length / tags.length;
    expect(frequent(best)).toBeGreaterThan(0.85);
    expect(frequent(bestAdjusted)).toBeLessThan(0.6);
  });
});
