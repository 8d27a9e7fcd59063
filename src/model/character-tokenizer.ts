import { ArgumentError } from "../core/errors.js";
import type { EncodeOptions, Encoding, Tokenizer } from "./tokenizer.js";

/** The special tokens of a character tokenizer; none where left out. */
export interface CharacterTemplate {
  /** Ids that stand for no character, by name. */
  readonly names: ReadonlyMap<number, string>;
  /** Ids that are put before and behind every text. */
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

const noTemplate: CharacterTemplate = { names: new Map(), before: [], behind: [] };

/** Ids are places in an alphabet of single code points, but for those of special tokens. */
export function characterTokenizer(alphabet: readonly string[], template = noTemplate): Tokenizer {
  const { names } = template;
  const characters = [...alphabet.entries()].filter(([id]) => !names.has(id));
  const ids = new Map(characters.map(([id, character]) => [character, id]));
  const special = new Map([...names].map(([id, name]) => [name, id]));
  const encode = (text: string, i: number, options: EncodeOptions) =>
    surround(encodeCharacters(text, `texts[${i}]`, ids, options), template);
  return {
    kind: "characters",
    files: [],
    size: alphabet.length,
    encode: async (texts, options = {}) => texts.map((text, i) => encode(text, i, options)),
    decode: async (places) => Array.from(places, (id) => (names.has(id) ? "" : (alphabet[id] ?? ""))).join(""),
    token: (id) => names.get(id) ?? alphabet[id] ?? null,
    id: (token) => ids.get(token) ?? special.get(token) ?? null,
  };
}

/** Puts special tokens, which span nothing, around a text's tokens. */
function surround(encoding: Encoding, { before, behind }: CharacterTemplate): Encoding {
  if (before.length + behind.length === 0) return encoding;
  const end = encoding.ends.at(-1) ?? 0;
  const around = (first: number, own: ArrayLike<number>, last: number) =>
    Uint32Array.of(...before.map(() => first), ...Array.from(own), ...behind.map(() => last));
  return {
    ids: Uint32Array.of(...before, ...encoding.ids, ...behind),
    starts: around(0, encoding.starts, end),
    ends: around(0, encoding.ends, end),
    special: Uint8Array.from(around(1, encoding.special, 1)),
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
