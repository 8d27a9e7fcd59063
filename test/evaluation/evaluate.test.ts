import { afterAll, describe, expect, it } from "vitest";
import type { Corpus, Sentence } from "../../src/corpus/corpus.js";
import { textCorpus } from "../../src/corpus/text-corpus.js";
import { accuracy } from "../../src/evaluation/accuracy.js";
import { loss } from "../../src/evaluation/loss.js";
import { loadModel } from "../../src/model/load.js";
import { type ForwardRequest, type Head, type Model, NO_TARGET } from "../../src/model/model.js";
import { devices, openTestDevice } from "../devices.js";
import { fixturePath } from "../fixtures/model-fixture.js";
import { toyModel } from "../methods/causal/toy-model.js";

const opened = openTestDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());
const counter = async () => toyModel(await opened);

/** A corpus of one-character words with labels. */
function labelled(rows: readonly (readonly [text: string, labels: Record<string, string>])[]): Corpus {
  const sentences = rows.map(([text, labels]): Sentence => {
    const words = [...text].map((form, i) => {
      return { form, start: i, end: i + 1, annotations: { form, ...labels }, head: -1 };
    });
    return { text, words, labels };
  });
  return { path: "rows", fingerprint: "0".repeat(64), sentences };
}

/** The counting model with a head that always answers the same class, with p = ¾ for it and ¼ for the other. */
async function classifier(kind: Head["kind"], answer: number) {
  const asked: ForwardRequest[] = [];
  const toy = await counter();
  const spans = Uint32Array.from({ length: 64 }, (_, i) => i);
  const encode: Model["tokenizer"]["encode"] = async (texts) =>
    texts.map((text) => {
      const count = text.length;
      const [starts, ends] = [spans.slice(0, count), spans.slice(1, count + 1)];
      return { ids: Uint32Array.from(text, Number), starts, ends, special: new Uint8Array(count) };
    });
  const model: Model = {
    ...toy,
    head: { kind, labels: ["bad", "good"] },
    tokenizer: { ...toy.tokenizer, encode, id: (token) => (token === "[MASK]" ? 5 : null) },
    forward(request) {
      asked.push(request);
      const targets = request.targets!;
      const nats = (target: number) => (target === NO_TARGET ? 0 : -Math.log(target === answer ? 0.75 : 0.25));
      return {
        ...toy.forward({ sequences: request.sequences }),
        losses: async () => Float32Array.from(targets, nats),
        predictions: async () => targets.map(() => answer),
      };
    },
  };
  return { model, asked };
}

describe("a causal model's loss", () => {
  it("is the mean −ln p of every token but the first, beside perplexity and bits per byte", async () => {
    const { values, method, kind } = await loss(await counter(), textCorpus("0123\n012\n4"));
    const nats = Math.log((Math.E ** 4 + 5) / Math.E ** 4); // the next number has a logit of 4, five others 0
    expect([kind, method]).toEqual(["evaluation", "loss"]);
    expect(values.loss).toBeCloseTo(nats, 6);
    expect(values.perplexity).toBeCloseTo(Math.exp(nats), 6);
    expect([values.predictions, values.skipped]).toEqual([5, 1]);
  });

  it("counts the bytes of the text that is predicted", async () => {
    await using model = await loadModel(fixturePath("gru"), { device: await opened });
    const alphabet = [0, 1, 2, 3].map((id) => model.tokenizer.token(id)).join("");
    const { values } = await loss(model, textCorpus(`${alphabet}\n${alphabet}${alphabet}`));
    const bytes = Buffer.byteLength(alphabet);
    const first = Buffer.byteLength(alphabet[0]!);
    expect([values.predictions, values.bytes]).toEqual([3 + 7, 3 * bytes - 2 * first]);
    expect(values.bitsPerByte).toBeCloseTo((values.loss * 10) / Math.LN2 / values.bytes, 9);
  });

  it("takes the first token too where a beginning is put before", async () => {
    const model = { ...(await counter()), beginning: 5 };
    expect((await loss(model, textCorpus("01"), { beginning: "add" })).values.predictions).toBe(2);
    await expect(loss(await counter(), textCorpus("01"), { beginning: "add" })).rejects.toThrow("has no bos_token_id");
  });

  it("of a sentence longer than the positions is refused, or read in windows", async () => {
    await using model = await loadModel(fixturePath("gpt2"), { device: await opened });
    const text = Array.from({ length: model.maximumTokens + 3 }, (_, i) => model.tokenizer.token(i % 5)).join("");
    await expect(loss(model, textCorpus(text))).rejects.toThrow(`at most ${model.maximumTokens} tokens`);
    const { values } = await loss(model, textCorpus(text), { long: "windows" });
    expect(values.predictions).toBe(model.maximumTokens + 3 - 2);
  });
});

describe.each(devices)("on %s, a recurrent model", (_name, open) => {
  it("loses as much on a stream whatever its pieces, and less than without its memory", async () => {
    await using device = await open();
    await using model = await loadModel(fixturePath("gru"), { device });
    const text = Array.from({ length: 40 }, (_, i) => model.tokenizer.token((i * 7) % 11)).join("");
    const whole = await loss(model, textCorpus(text));
    for (const batchTokens of [1, 7, 40]) {
      const { values } = await loss(model, textCorpus(text), { stream: true, batchTokens });
      expect(values.loss).toBeCloseTo(whole.values.loss, 5);
      expect([values.predictions, values.bytes]).toEqual([39, whole.values.bytes]);
    }
  });
});

describe("accuracy", () => {
  it("is the share of right next tokens, beside the most frequent one's", async () => {
    const { values } = await accuracy(await counter(), textCorpus("0123\n0013"));
    expect(values).toEqual({ accuracy: 4 / 6, right: 4, predictions: 6, majority: 2 / 6, skipped: 0 });
  });

  it("of a classifier of sentences is of their labels, by name or by number", async () => {
    const { model, asked } = await classifier("sequence-classification", 1);
    const corpus = labelled([
      ["01", { label: "good", other: "0" }],
      ["2", { label: "bad", other: "1" }],
      ["34", { label: "good", other: "1" }],
    ]);
    expect((await accuracy(model, corpus)).values).toMatchObject({ accuracy: 2 / 3, predictions: 3, majority: 2 / 3 });
    expect((await accuracy(model, corpus, { label: "other" })).values.right).toBe(2);
    const { values } = await loss(model, corpus);
    expect(values.loss).toBeCloseTo(-(2 * Math.log(0.75) + Math.log(0.25)) / 3, 6);
    expect(values.bitsPerByte).toBe(null);
    expect(asked.every(({ targets, sequences }) => targets!.length === sequences.length)).toBe(true);
  });

  it("of a classifier of tokens is of the words' annotation, at their first tokens", async () => {
    const { model, asked } = await classifier("token-classification", 0);
    const corpus = labelled([
      ["012", { upos: "bad" }],
      ["3", { upos: "good" }],
    ]);
    expect((await accuracy(model, corpus, { label: "upos" })).values).toMatchObject({ right: 3, predictions: 4 });
    expect([...asked[0]!.targets!].sort()).toEqual([0, 0, 0, 1]);
    await expect(accuracy(model, corpus)).rejects.toThrow("Expected the annotation of words that is right");
  });

  it("of a masked model is of seeded tokens, of more with a larger rate, or of each in turn", async () => {
    const { model, asked } = await classifier("masked", 1);
    const corpus = labelled([
      ["0123401234", {}],
      ["21", {}],
    ]);
    const masked = () =>
      asked.splice(0).map(({ sequences, targets }) => [sequences.map((ids) => [...ids]), [...targets!]]);
    expect((await accuracy(model, corpus, { seed: 3 })).values.predictions).toBe(3);
    const first = masked();
    await accuracy(model, corpus, { seed: 3 });
    expect(masked()).toEqual(first);
    await accuracy(model, corpus, { seed: 4 });
    expect(masked()).not.toEqual(first);
    expect((await accuracy(model, corpus, { mask: 0.5 })).values.predictions).toBe(6);
    asked.length = 0;
    expect((await accuracy(model, corpus, { mask: "each" })).values.predictions).toBe(12);
    for (const { sequences, targets } of asked) {
      const ids = sequences.flatMap((sequence) => [...sequence]);
      expect(ids.map((id) => id === 5)).toEqual(Array.from(targets!, (target) => target !== NO_TARGET));
      expect(sequences.length).toBe(targets!.filter((target) => target !== NO_TARGET).length);
    }
  });
});

describe("an evaluation", () => {
  it("says what it was made from, and not in what batches", async () => {
    const { provenance, options, of } = await loss(await counter(), textCorpus("01"), { seed: 2, batchTokens: 8 });
    expect(provenance).toMatchObject({ seed: 2, model: "f".repeat(64), activations: null, device: "native" });
    expect([options, of]).toEqual([{}, null]);
  });

  it("is refused where the model or the corpus has nothing to say", async () => {
    const toy = await counter();
    const { model } = await classifier("sequence-classification", 1);
    const cases: [Promise<unknown>, string][] = [
      [
        loss({ ...toy, head: { kind: "none", labels: [] } }, textCorpus("01")),
        "Expected one that predicts a token or one of several classes for model",
      ],
      [loss(toy, textCorpus("1")), "Expected a sentence with something to predict for corpus"],
      [loss(toy, textCorpus("01"), { mask: 0.2 }), "Expected none for toy, which is no masked language model for mask"],
      [loss(toy, textCorpus("01"), { label: "x" }), "Expected none for toy, which is no classifier for label"],
      [loss(toy, textCorpus("01"), { stream: true }), "Expected false for toy, which is not recurrent for stream"],
      [
        accuracy(model, textCorpus("01")),
        "Expected a label of the corpus' sentences (sentence 0 has no labels) for label",
      ],
      [
        accuracy(model, labelled([["0", { label: "ugly" }]])),
        'Expected a class of toy: bad, good, or 0 to 1 for label but received "ugly"',
      ],
      [accuracy(model, labelled([["0", { label: "2" }]])), 'for label but received "2"'],
      [accuracy(model, labelled([["0", {}]]), { beginning: "add" }), "which is no causal language model for beginning"],
      [
        loss((await classifier("masked", 0)).model, textCorpus("01"), { mask: 0 }),
        "Expected a share above 0, at most 1, or each for mask",
      ],
      [loss(toy, textCorpus("01"), { ["strem" as "stream"]: true }), '(did you mean "stream"?) for options'],
    ];
    for (const [evaluation, sentence] of cases) await expect(evaluation).rejects.toThrow(sentence);
  });
});
