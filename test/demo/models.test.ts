import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Corpus } from "../../src/corpus/corpus.js";
import { readCorpus } from "../../src/corpus/read.js";
import type { Device } from "../../src/device/device.js";
import { loss as lossOf } from "../../src/evaluation/loss.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { openTestDevice } from "../devices.js";
import { NGram } from "./n-gram.js";

const folder = join(import.meta.dirname, "../../src/demo");
const train = readFileSync(join(folder, "corpus/train.txt"), "utf8").trimEnd().split("\n");

let device: Device;
let dev: Corpus;
beforeAll(async () => {
  device = await openTestDevice("native");
  dev = await readCorpus(join(folder, "corpus/dev.conllu"));
});
afterAll(async () => await device[Symbol.asyncDispose]());

describe.each([
  ["lstm", 0.63],
  ["llama", 2.75],
])("the demo's %s", (name, nats) => {
  test("is better than a 5-gram on sentences that neither has seen, by more than .1 nats a token", async () => {
    await using model = await loadModel(join(folder, "models", name), { device });
    const held = await encode(
      model,
      dev.sentences.map(({ text }) => text),
    );
    const grams = new NGram(await encode(model, train), 5, model.vocabulary);
    const { loss } = (await lossOf(model, dev)).values;
    expect(loss).toBeLessThan(grams.loss(held) - 0.1);
    expect(loss).toBeCloseTo(nats, 1);
  });

  test("fits in half a megabyte", async () => {
    const bytes = readFileSync(join(folder, "models", name, "model.safetensors")).length;
    expect(bytes).toBeLessThan(500_000);
  });
});

async function encode(model: Model, texts: readonly string[]): Promise<number[][]> {
  return (await model.tokenizer.encode(texts)).map(({ ids }) => [...ids]);
}
