import { describe, expect, test } from "vitest";
import { strips } from "../../../src/methods/visualization/strips.js";
import { sourceOf } from "../../fixtures/source.js";

// Two columns over three sentences of two rows.
const values = [
  [0, 5],
  [1, 5],
  [9, 5],
  [0, 5],
  [0, 5],
  [2, 5],
];
const source = sourceOf(values, [0, 0, 1, 1, 2, 2], ["a", "b", "c", "d", "e", "f"]);

describe("activation strips", () => {
  test("show the sentences with the largest values first, all their tokens in order", async () => {
    const [strip] = await strips(source, { columns: [0], sentences: 2 });
    expect(strip!.neuron).toBe("activations:0");
    expect(strip!.sentences.map(({ sentence }) => sentence)).toEqual([1, 2]);
    expect(strip!.sentences[0]!.tokens.map(({ text, value, row }) => [text, value, row])).toEqual([
      ["c", 9, 2],
      ["d", 0, 3],
    ]);
  });

  test("shade by the distance from the mean of all rows, 1 at the largest", async () => {
    const [strip] = await strips(source, { columns: [0], sentences: 1 });
    // The mean is 2 and the largest distance 7.
    expect(strip!.sentences[0]!.tokens.map(({ shade }) => shade)).toEqual([1, -2 / 7]);
  });

  test("take the smallest values for a negative sign; ties go to the earlier sentence", async () => {
    const [strip] = await strips(source, { columns: [0], sentences: 2, signs: [-1] });
    expect(strip!.sentences.map(({ sentence }) => sentence)).toEqual([0, 1]);
  });

  test("of a constant neuron are without shade", async () => {
    const [strip] = await strips(source, { columns: [1], sentences: 1 });
    expect(strip!.sentences[0]!.tokens.map(({ shade }) => shade)).toEqual([0, 0]);
  });

  test("are the same whatever the blocks", async () => {
    const small = { ...source, blocks: () => source.blocks({ blockRows: 1 }) };
    expect(await strips(small, { columns: [1, 0] })).toEqual(await strips(source, { columns: [1, 0] }));
  });

  test("refuse a column that the source does not have", async () => {
    await expect(strips(source, { columns: [2] })).rejects.toThrow(
      "Expected a whole number below 2 for column but received 2",
    );
  });
});

describe("sentences by their numbers", () => {
  test("are shown in the order in which they are asked for", async () => {
    const [strip] = await strips(source, { columns: [0], sentences: [2, 0] });
    expect(strip!.sentences.map(({ sentence }) => sentence)).toEqual([2, 0]);
    expect(strip!.sentences[1]!.tokens.map(({ text }) => text)).toEqual(["a", "b"]);
  });

  test("that are not there are refused", async () => {
    await expect(strips(source, { columns: [0], sentences: [3] })).rejects.toThrow(
      "Expected sentences with rows, of 0 to 2 for sentences but received 3",
    );
  });

  test("of tokens that hold no spaces have them between words", async () => {
    const texts = ["un", "do", "it", "!"];
    const forms = { form: ["undo", "undo", "it!", "it!"] };
    const words = sourceOf([[0], [1], [2], [3]], [0, 0, 0, 0], texts, forms);
    const [strip] = await strips({ ...words, table: { ...words.table!, kind: "token" } }, { columns: [0] });
    expect(strip!.sentences[0]!.tokens.map(({ spaceBefore }) => spaceBefore)).toEqual([
      undefined,
      undefined,
      true,
      undefined,
    ]);
  });
});
