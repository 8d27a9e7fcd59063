import { describe, expect, test } from "vitest";
import { furtherParts } from "../../../src/methods/visualization/further-parts.js";
import { tableOf } from "../../activations/table.js";

/** What is left of the rows of some words, each [form, texts of its tokens]; a null form for what no word owns. */
function readBack(words: readonly (readonly [string | null, readonly string[]])[], kind: "token" | "word" = "token") {
  const rows = words.flatMap(([form, texts]) => texts.map((text) => ({ form, text })));
  const places = rows.map((_, i) => i);
  const text = rows.map((row) => row.text);
  const form = rows.map((row) => row.form);
  const isPart = furtherParts(tableOf(kind, places.map(() => 0), places, text, { form })); // biome-ignore format: one line
  return text.map((one, row) => (isPart(row) ? "" : one));
}

/** One token per byte, each of whose texts is the whole character. */
const bytes = (word: string) =>
  [...word].flatMap((letter) => new Array<string>(Buffer.from(letter).length).fill(letter));

describe("further parts of a character", () => {
  test.each(["é", "שלום", "ששש", "ll", "aéé", "日本本", "😀😀x"])("%s is read once, byte by byte", (word) => {
    expect(readBack([[word, bytes(word)]]).join("")).toBe(word);
    expect(readBack([[word, bytes(word)], [null, [" "]], [word, bytes(word)]]).join("")).toBe(`${word} ${word}`); // biome-ignore format: one line
    expect(readBack([[word, bytes(word)], [word, bytes(word)]]).join("")).toBe(word + word); // biome-ignore format: one line
  });

  test("come behind the character, so that every byte keeps its row", () => {
    expect(readBack([["aé", ["a", "é", "é"]]])).toEqual(["a", "é", ""]);
  });

  test("are none of tokens that are whole characters, of words, and of tables without forms", () => {
    expect(readBack([["ーー", ["ー", "ー"]]])).toEqual(["ー", "ー"]);
    expect(readBack([["é", ["é"]], ["é", ["é"]]], "word")).toEqual(["é", "é"]); // biome-ignore format: one line
    const isPart = furtherParts(tableOf("token", [0, 0], [0, 1], ["é", "é"], {}));
    expect([isPart(0), isPart(1)]).toEqual([false, false]);
  });
});
