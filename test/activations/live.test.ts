import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ActivationOptions, activations } from "../../src/activations/live.js";
import type { ActivationSource, BlockOptions } from "../../src/activations/source.js";
import { type Corpus, spacedSentence } from "../../src/corpus/corpus.js";
import type { Device } from "../../src/device/device.js";
import { devices } from "../devices.js";
import { FakeModel, fakeActivation, pairTokenizer } from "../fake-model.js";

const corpusOf = (...texts: string[]): Corpus => {
  return { path: "x", fingerprint: "f", sentences: texts.map((text) => spacedSentence(text)) };
};
const many = corpusOf(
  ...Array.from({ length: 41 }, (_, i) =>
    Array.from({ length: 1 + ((i * 5) % 13) }, (_, j) => `w${i}${"x".repeat(j % 4)}`).join(" "),
  ),
);

async function collect(source: ActivationSource, options?: BlockOptions) {
  const values: number[] = [];
  const blocks: number[] = [];
  for await (const block of source.blocks(options)) {
    expect(block.firstRow).toBe(values.length / source.columns);
    blocks.push(block.rows);
    values.push(...(await block.values()));
  }
  expect(values.length).toBe(source.rows * source.columns);
  return { values, blocks };
}

/** Rows from the texts alone: every sentence read on its own, its tokens pooled by hand. */
async function expectedRows(corpus: Corpus, pool: (tokens: number[]) => number, groups: (text: string) => number[][]) {
  const encodings = await pairTokenizer.encode(corpus.sentences.map(({ text }) => text));
  return encodings.flatMap(({ ids }, s) =>
    groups(corpus.sentences[s]!.text).flatMap((tokens) =>
      [0, 1, 2].map((column) => pool(tokens.map((token) => fakeActivation(ids, token, column)))),
    ),
  );
}

/** The tokens of each word of a text that has a token for every pair of letters, after the first special one. */
const wordTokens = (text: string) => {
  let next = 1;
  return text.split(" ").map((word) => Array.from({ length: Math.ceil(word.length / 2) }, () => next++));
};
/** Values below 4,000 in float32: three digits after the point. */
const expectNear = (values: number[], expected: number[]) => {
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i]!, 3);
};
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(devices)("activations of a live model on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(async () => await device[Symbol.asyncDispose]());

  const live = (corpus: Corpus, options: Partial<ActivationOptions> = {}, model = new FakeModel(device)) =>
    activations(model, corpus, { sites: "layers.*.residual", ...options });

  test("have a row for every token but the special ones, in the corpus' order", async () => {
    const source = await live(many, { batchTokens: 16 });
    const { values } = await collect(source);
    expect(values).toEqual(
      await expectedRows(
        many,
        ([one]) => one!,
        (text) =>
          wordTokens(text)
            .flat()
            .map((t) => [t]),
      ),
    );
    expect(source.table?.text.slice(0, 4)).toEqual(["w0", "w1", "w1", "x"]);
    expect(source.table?.column("form").slice(0, 4)).toEqual(["w0", "w1", "w1x", "w1x"]);
    expect([...source.table!.position.subarray(0, 4)]).toEqual([0, 0, 1, 2]);
  });

  test("have a row for the special tokens on demand", async () => {
    const source = await live(corpusOf("abc d"), { specialTokens: "keep" });
    expect(source.table?.text).toEqual(["[", "ab", "c", "d", "]"]);
    expect(source.table?.column("form")).toEqual([null, "abc", "abc", "d", null]);
    expect(source.rows).toBe(5);
    await collect(source);
  });

  test.each([
    ["first", (tokens: number[]) => tokens[0]!],
    ["last", (tokens: number[]) => tokens.at(-1)!],
    ["mean", mean],
    ["max", (tokens: number[]) => Math.max(...tokens)],
  ] as const)("pool words by their %s", async (pool, by) => {
    const { values } = await collect(await live(many, { rows: "word", pool, batchTokens: 50 }), { blockRows: 17 });
    const expected = await expectedRows(many, by, wordTokens);
    expectNear(values, expected);
  });

  test("pool words by their last token and sentences by their maximum unless told otherwise", async () => {
    const corpus = corpusOf("abc d", "ef");
    const words = await collect(await live(corpus, { rows: "word" }));
    expect(words.values).toEqual(await expectedRows(corpus, (tokens) => tokens.at(-1)!, wordTokens));
    const sentences = await collect(await live(corpus, { rows: "sentence" }));
    const all = (text: string) => [wordTokens(text).flat()];
    expect(sentences.values).toEqual(await expectedRows(corpus, (tokens) => Math.max(...tokens), all));
  });

  test("take a sentence's first special token for cls", async () => {
    const corpus = corpusOf("abc d", "ef");
    const { values } = await collect(await live(corpus, { rows: "sentence", pool: "cls" }));
    expect(values).toEqual(
      await expectedRows(
        corpus,
        ([one]) => one!,
        () => [[0]],
      ),
    );
  });

  test.each([1, 7, 64, 100_000])("are the same in blocks of at most %i rows", async (blockRows) => {
    const source = await live(many, { rows: "word", pool: "mean", batchTokens: 40 });
    const whole = await collect(source);
    const parts = await collect(source, { blockRows });
    expect(parts.values).toEqual(whole.values);
    expect(Math.max(...parts.blocks)).toBeLessThanOrEqual(blockRows);
  });

  test.each([0, 1, 100, 249])("leave out the rows before row %i", async (firstRow) => {
    const source = await live(many, { rows: "word" });
    const { values } = await collect(source);
    const rest: number[] = [];
    for await (const block of source.blocks({ firstRow, blockRows: 64 })) {
      expect(block.firstRow).toBe(firstRow + rest.length / 3);
      rest.push(...(await block.values()));
    }
    expect(rest).toEqual(values.slice(firstRow * 3));
  });

  test("are placed on the device, again and again", async () => {
    const source = await live(corpusOf("abc d"), { rows: "word" });
    for await (const block of source.blocks()) {
      using first = await block.place(device);
      using second = await block.place(device);
      const values = await block.values();
      expect(await device.download(first, new Float32Array(6))).toEqual(values);
      expect(await device.download(second, new Float32Array(6))).toEqual(values);
    }
  });

  test("form batches of similar length", async () => {
    const model = new FakeModel(device);
    const source = await live(many, { rows: "sentence", batchTokens: 32 }, model);
    expect(model.batches).toEqual([]);
    await collect(source);
    expect(model.batches.flat()).toEqual([...model.batches.flat()].sort((a, b) => a - b));
    expect(model.batches.length).toBeGreaterThan(5);
  });

  test("pool a long sentence over its windows, every token in exactly one row", async () => {
    const text = "ab cdefgh i jklmnopqrstu vw";
    const model = new FakeModel(device, { maximumTokens: 5 });
    const tokens = await collect(await live(corpusOf(text, "z"), { long: "windows" }, model));
    expect(model.batches.flat().every((length) => length <= 5)).toBe(true);
    const words = await collect(
      await live(corpusOf(text, "z"), { long: "windows", rows: "word", pool: "mean" }, model),
    );
    const groups = [...wordTokens(text).map((group) => group.map((token) => token - 1)), [12]];
    const expected = groups.flatMap((group) =>
      [0, 1, 2].map((column) => mean(group.map((t) => tokens.values[t * 3 + column]!))),
    );
    expectNear(words.values, expected);
    const sentences = await collect(await live(corpusOf(text, "z"), { long: "windows", rows: "sentence" }, model));
    const most = (from: number, to: number, column: number) =>
      Math.max(...tokens.values.filter((_, i) => i % 3 === column && i >= from * 3 && i < to * 3));
    expect(sentences.values).toEqual(
      [0, 1, 2].map((c) => most(0, 12, c)).concat([0, 1, 2].map((c) => most(12, 13, c))),
    );
  });

  test("refuse a long sentence unless windows are asked for", async () => {
    const model = new FakeModel(device, { maximumTokens: 5 });
    await expect(live(corpusOf("a", "ab cd ef gh"), {}, model)).rejects.toThrow(
      "Expected at most 5 tokens (or windows of them) for sentence 1 but received 6",
    );
  });

  test("refuse a word without a token, and write zeros for it on demand", async () => {
    await expect(live(corpusOf("a **"), { rows: "word" })).rejects.toThrow('word 1 ("**") of sentence 0');
    const { values } = await collect(await live(corpusOf("** a"), { rows: "word", missing: "zero" }));
    expect(values.slice(0, 3)).toEqual([0, 0, 0]);
    expect(values[3]).toBeGreaterThan(0);
    await expect(live(corpusOf("**"), { rows: "sentence" })).rejects.toThrow("at least one token");
    const empty = await collect(await live(corpusOf("**"), { rows: "sentence", missing: "zero" }));
    expect(empty.values).toEqual([0, 0, 0]);
    expect((await live(corpusOf("**"))).rows).toBe(0);
  });

  test("say what they were made from", async () => {
    const source = await live(corpusOf("a"));
    expect(await source.provenance()).toEqual({ model: "fake", corpus: "f", activations: null });
    expect(source.sites).toEqual([{ name: "layers.0.residual", width: 3, offset: 0 }]);
    const usual = { specialTokens: "leave", long: "refuse", missing: "refuse", unknown: "refuse" };
    expect(source.options).toEqual({ rows: "token", ...usual });
    const words = await live({ ...corpusOf("a"), options: { text: "words" } }, { rows: "word" });
    expect(words.options).toEqual({ rows: "word", pool: "last", ...usual, text: "words" });
  });

  test("fail as the model fails, and stop when told to", async () => {
    const model = new FakeModel(device);
    model.failFrom = 2;
    await expect(collect(await live(many, { batchTokens: 16 }, model))).rejects.toThrow("the fake model failed");
    const stop = AbortSignal.abort();
    await expect(collect(await live(many), { signal: stop })).rejects.toThrow("aborted");
  });

  test.each<[object, string]>([
    [{ pol: "max" }, 'did you mean "pool"?'],
    [{ rows: "wrod" }, 'Expected one of token, word, sentence (did you mean "word"?) for rows but received "wrod"'],
    [{ pool: "max" }, "Expected nothing for token rows for pool"],
    [{ rows: "word", pool: "cls" }, "Expected first, last, mean or max for word rows for pool"],
    [{ batchTokens: 0 }, "Expected a positive integer for batchTokens but received 0"],
    [{ sites: "layers.*.mlp" }, "a site of the model"],
  ])("refuse the options %o", async (options, message) => {
    await expect(live(corpusOf("a"), options)).rejects.toThrow(message);
  });
});
