import { FileError } from "../core/errors.js";
import type { PlacedWord } from "./corpus.js";

/** A token as it is written, and the words that share it (counted from 0). */
export interface SurfaceToken {
  readonly form: string;
  readonly first: number;
  readonly last: number;
  readonly spaceAfter: boolean;
}

/** A text and where its words stand in it, in UTF-16 units. */
export interface Spelled {
  readonly text: string;
  readonly words: readonly PlacedWord[];
}

interface Spelling {
  readonly form: string;
}

/** The text that tokens spell: joined by spaces, but for those that say there is none after them. */
export function writeText(tokens: readonly SurfaceToken[]): string {
  const last = tokens.length - 1;
  return tokens.map(({ form, spaceAfter }, i) => (spaceAfter && i < last ? `${form} ` : form)).join("");
}

/** Words joined by single spaces. */
export function joinWords(words: readonly Spelling[]): Spelled {
  let end = -1;
  const placed = words.map(({ form }) => {
    const start = end + 1;
    end = start + form.length;
    return { form, start, end };
  });
  return { text: words.map(({ form }) => form).join(" "), words: placed };
}

/**
 * Finds the tokens in a text, in order, and gives each word its part of them: the words of one token
 * have each their part where their forms, joined, spell it, and all of it otherwise.
 *
 * @throws FileError that names the sentence and the token that is not in its text
 */
export function placeTokens(
  sentence: { readonly path: string; readonly name: string },
  words: readonly Spelling[],
  tokens: readonly SurfaceToken[],
  text: string,
): Spelled {
  const placed: PlacedWord[] = [];
  let from = 0;
  for (const token of tokens) {
    const start = text.indexOf(token.form, from);
    if (start < 0) {
      const problem = `Expected the word ${JSON.stringify(token.form)} in the text ${JSON.stringify(text)} of ${sentence.name}`;
      throw new FileError(sentence.path, `${problem}${from > 0 ? `, after its first ${from} characters` : ""}`);
    }
    from = start + token.form.length;
    placed.push(...shareToken(words.slice(token.first, token.last + 1), token.form, start));
  }
  return { text, words: placed };
}

function shareToken(words: readonly Spelling[], spelled: string, start: number): PlacedWord[] {
  const end = start + spelled.length;
  if (words.map(({ form }) => form).join("") !== spelled) return words.map(({ form }) => ({ form, start, end }));
  let from = start;
  return words.map(({ form }) => {
    const part = { form, start: from, end: from + form.length };
    from = part.end;
    return part;
  });
}
