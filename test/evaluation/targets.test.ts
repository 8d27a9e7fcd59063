import { afterAll, describe, expect, it } from "vitest";
import { type Corpus, pairedSentence } from "../../src/corpus/corpus.js";
import { textCorpus } from "../../src/corpus/text-corpus.js";
import { accuracy } from "../../src/evaluation/accuracy.js";
import { loss } from "../../src/evaluation/loss.js";
import { generate } from "../../src/model/generate.js";
import { loadModel } from "../../src/model/load.js";
import { NO_TARGET } from "../../src/model/model.js";
import { openTestDevice } from "../devices.js";
import { fixturePath } from "../fixtures/model-fixture.js";

const opened = openTestDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

describe("an encoder-decoder", () => {
  const pairs = (rows: readonly (readonly [string, string])[]): Corpus => {
    const sentences = rows.map(([source, target]) => pairedSentence(source, target));
    return { path: "pairs", fingerprint: "0".repeat(64), sentences };
  };

  it("is asked for every token of the target behind the right ones, and for the whole of it", async () => {
    await using model = await loadModel(fixturePath("bart"), { device: await opened });
    const written = (await generate(model, ["abc", "dd"], { tokens: 4 })).map(({ text }) => text);
    const corpus = pairs([
      ["abc", written[0]!.slice(0, 3)],
      ["dd", "a"],
    ]);
    const { values } = await accuracy(model, corpus);
    const sources = (await model.tokenizer.encode(["abc", "dd"])).map(({ ids }) => ids);
    const targets = (await model.targetTokenizer.encode(corpus.sentences.map(({ target }) => target!.text))).map(
      ({ ids }) => ids,
    );
    const read = targets.map((ids) => Uint32Array.of(model.encoder!.start, ...ids));
    using forward = model.forward({
      sources,
      sequences: read,
      targets: Uint32Array.from(targets.flatMap((ids) => [...ids, NO_TARGET])),
    });
    const losses = await forward.losses();
    const nats = losses.reduce((sum, value) => sum + value, 0);
    const count = targets.flatMap((ids) => [...ids]).length;
    expect((await loss(model, corpus)).values.loss).toBeCloseTo(nats / count, 6);
    expect(values).toMatchObject({ predictions: count, exact: 0, bleu: null, skipped: 0 });
    expect(
      (
        await accuracy(
          model,
          pairs([
            ["abc", "a"],
            ["abc", "a"],
          ]),
        )
      ).values.exact,
    ).toBe(0);
  });

  it("writes exactly what it would write, if it ends there", async () => {
    await using model = await loadModel(fixturePath("bart"), { device: await opened });
    const sources = ["a", "bc", "dd", "abcd", "v", "qrst", "on"];
    const written = await generate(model, sources, { tokens: 8 });
    const right = written.map(({ text, end }) => (end === "ending" && text.trim() !== "" ? text : "a"));
    const { values } = await accuracy(model, pairs(sources.map((source, i) => [source, right[i]!])));
    const share = written.filter(({ text }, i) => text.trim() === right[i]!.trim()).length / sources.length;
    expect(values.exact).toBe(share);
  });

  it("needs targets, and takes no options of other models", async () => {
    await using model = await loadModel(fixturePath("bart"), { device: await opened });
    await expect(loss(model, textCorpus("abc"))).rejects.toThrow("Expected a second column (source<TAB>target)");
    await expect(loss(model, pairs([["a", "b"]]), { long: "windows" })).rejects.toThrow(
      "which is no model of one text",
    );
    await expect(loss(model, pairs([["a", "b"]]), { beginning: "add" })).rejects.toThrow("for beginning");
    await expect(loss(model, pairs([["a", "b"]]), { stream: true })).rejects.toThrow("for stream");
  });
});
