import { ArgumentError } from "../core/errors.js";
import type { EncodeOptions, Encoding, Tokenizer } from "./tokenizer.js";

/** Ids are places in a list of words; a text's words are its runs of characters that are not spaces. */
export function wordTokenizer(words: readonly string[]): Tokenizer {
  const ids = new Map(words.map((word, id) => [word, id]));
  return {
    kind: "words",
    files: [],
    size: words.length,
    encode: async (texts, options = {}) =>
      texts.map((text, i) => encodeWords(text, `texts[${i}]`, ids, options.unknown ?? "refuse")),
    decode: async (places) => Array.from(places, (id) => words[id] ?? "").join(" "),
    token: (id) => words[id] ?? null,
    id: (token) => ids.get(token) ?? null,
  };
}

/** An unknown word's id is the one behind the last, whose vector is zeros, where it is asked for. */
function encodeWords(
  text: string,
  name: string,
  known: ReadonlyMap<string, number>,
  unknown: NonNullable<EncodeOptions["unknown"]>,
): Encoding {
  const ids: number[] = [];
  const [starts, ends]: [number[], number[]] = [[], []];
  let [utf16, point] = [0, 0];
  for (const { 0: word, index } of text.matchAll(/\S+/gu)) {
    point += [...text.slice(utf16, index)].length;
    const length = [...word].length;
    const id = known.get(word) ?? (unknown === "zero" ? known.size : undefined);
    if (id !== undefined) {
      ids.push(id);
      starts.push(point);
      ends.push(point + length);
    } else if (unknown === "refuse") {
      throw new ArgumentError(`word ${JSON.stringify(word)} of ${name}`, "a word of the model's vocabulary", word);
    }
    [utf16, point] = [index + word.length, point + length];
  }
  return {
    ids: Uint32Array.from(ids),
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(ends),
    special: new Uint8Array(ids.length),
  };
}
