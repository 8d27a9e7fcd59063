import type { Encoding, Tokenizer } from "../model/tokenizer.js";

/**
 * How each token of a text reads: the characters it spans, or as the vocabulary spells it where it spans none (special
 * tokens). Several tokens of one character, such as its bytes, read as that character each.
 */
export function tokenTexts(text: string, encoding: Encoding, tokenizer: Pick<Tokenizer, "token">): string[] {
  const characters = /[\ud800-\udfff]/.test(text) ? [...text] : text;
  return Array.from(encoding.ids, (id, token) => {
    const part = characters.slice(encoding.starts[token], encoding.ends[token]);
    const read = typeof part === "string" ? part : part.join("");
    return read === "" ? (tokenizer.token(id) ?? "") : read;
  });
}
