import { ArgumentError } from "../core/errors.js";
import type { EncodeOptions, Encoding, Tokenizer } from "./tokenizer.js";

/** Ids are places in an alphabet of single code points. */
export function characterTokenizer(alphabet: readonly string[]): Tokenizer {
  const ids = new Map(alphabet.map((character, id) => [character, id]));
  return {
    kind: "characters",
    files: [],
    size: alphabet.length,
    encode: async (texts, options = {}) => texts.map((text, i) => encodeCharacters(text, `texts[${i}]`, ids, options)),
    decode: async (places) => Array.from(places, (id) => alphabet[id] ?? "").join(""),
    token: (id) => alphabet[id] ?? null,
    id: (token) => ids.get(token) ?? null,
  };
}

function encodeCharacters(text: string, name: string, alphabet: Map<string, number>, options: EncodeOptions): Encoding {
  const ids: number[] = [];
  const starts: number[] = [];
  [...text].forEach((character, i) => {
    const id = alphabet.get(character);
    if (id !== undefined) {
      ids.push(id);
      starts.push(i);
    } else if (options.unknown !== "skip") {
      throw new ArgumentError(`character ${i + 1} of ${name}`, "a character of the model's alphabet", character);
    }
  });
  return {
    ids: Uint32Array.from(ids),
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(starts, (start) => start + 1),
    special: new Uint8Array(ids.length),
  };
}
