import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { ablateRanking } from "../../../src/methods/causal/ablate-ranking.js";
import type { Model } from "../../../src/model/model.js";
import { openTestDevice } from "../../devices.js";
import { certain, counting, guessed } from "./counting.js";
import { toyModel } from "./toy-model.js";

let device: Device;
let model: Model;
beforeAll(async () => {
  device = await openTestDevice("native");
  model = toyModel(device);
});
afterAll(async () => await device[Symbol.asyncDispose]());

describe("a metric with a concept", () => {
  // Every digit is a word and a token; 2 and 4 are even.
  const [text] = counting.sentences.map((sentence) => sentence.text);
  const words = Array.from(text!, (form, i) => {
    const parity = i % 2 === 0 ? "even" : "odd";
    return { form, start: i, end: i + 1, annotations: { form, parity }, head: -1 };
  });
  const annotated = { ...counting, sentences: [{ text: text!, words, labels: {} }] };
  const settings = { value: "zero", metric: "loss", concept: "parity=even" } as const;
  let spelled: Model;
  beforeAll(() => {
    const spans = (length: number, shift: number) => Uint32Array.from({ length }, (_, i) => i + shift);
    const encode: Model["tokenizer"]["encode"] = async (texts) =>
      (await model.tokenizer.encode(texts)).map((encoding) => {
        const { length } = encoding.ids;
        return { ...encoding, starts: spans(length, 0), ends: spans(length, 1) };
      });
    spelled = { ...model, tokenizer: { ...model.tokenizer, encode } };
  });

  test("is over the predicted tokens that have it, with the damage to the others beside", async () => {
    const result = await ablateEach(spelled, annotated, settings);
    expect(result.tokens).toBe(2);
    // Neuron 1 predicts 2, which is even; neuron 0 predicts 1, which is odd.
    expect(result.scores[1]).toBeCloseTo((guessed - certain) / 2, 6);
    expect(result.scores[0]).toBeCloseTo(0, 6);
    expect(result.others!.damage[1]).toBeCloseTo(0, 6);
    expect(result.others!.damage[0]).toBeCloseTo((guessed - certain) / 3, 6);
    expect(result.options.concept).toBe("parity=even");
  });

  test("has a curve of its own, and one of the others", async () => {
    const ranking = await ablateEach(spelled, annotated, settings);
    const { values } = await ablateRanking(spelled, annotated, ranking, { ...settings, counts: [0, 2, 16] });
    expect(values.top[0]).toBeCloseTo(certain, 6);
    expect(values.top[1]).toBeGreaterThan(values.bottom[1]!);
    expect(values.top[2]).toBeCloseTo(guessed, 6);
    expect(values.others!.top[2]).toBeCloseTo(guessed, 6);
    expect(values.others!.baseline).toBeCloseTo(certain, 6);
  });

  test.each([
    ["parity", "Expected KEY=VALUE or KEY~PATTERN for a metric for concept"],
    ["parity=evn", "did you mean"],
    ["form=0", "Expected a concept that some predicted token has for concept"],
  ])("refuses %s", async (concept, message) => {
    await expect(ablateEach(spelled, annotated, { ...settings, concept })).rejects.toThrow(message);
  });

  test("is refused for a representation, which predicts nothing", async () => {
    const options = { ...settings, metric: "representation" } as const;
    await expect(ablateEach(spelled, annotated, options)).rejects.toThrow("which predicts nothing");
  });
});
