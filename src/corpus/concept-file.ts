import { FileError } from "../core/errors.js";
import { type Sentence, spacedSentence, type TextForm } from "./corpus.js";

/**
 * The sentences of a concept as ml-selfcond keeps it (Suau et al. 2022): a JSON object with `concept`, its name, and
 * `sentences`, whose `positive` and `negative` are lists of texts. Positive ones come first and have the label `concept`,
 * negative ones have none.
 *
 * @throws FileError that says what is missing, or which sentence is no text
 */
export function* parseConceptFile(path: string, text: string, form: TextForm = "written"): Generator<Sentence> {
  const { concept, sentences } = parseObject(path, text);
  if (typeof concept !== "string" || concept === "") throw new FileError(path, "Expected concept to be a name");
  if (typeof sentences !== "object" || sentences === null) {
    throw new FileError(path, "Expected sentences with lists positive and negative");
  }
  for (const side of ["positive", "negative"] as const) {
    const texts: unknown = (sentences as Record<string, unknown>)[side];
    if (!Array.isArray(texts)) throw new FileError(path, `Expected sentences.${side} to be a list of texts`);
    for (const [number, sentence] of texts.entries()) {
      if (typeof sentence !== "string" || sentence.trim() === "") {
        throw new FileError(path, `Expected sentences.${side}[${number}] to be a text that is not blank`);
      }
      yield spacedSentence(sentence, form, side === "positive" ? { concept } : {});
    }
  }
}

function parseObject(path: string, text: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === "object" && read !== null) return read as Record<string, unknown>;
  } catch (cause) {
    throw new FileError(path, "is not JSON", undefined, { cause });
  }
  throw new FileError(path, "Expected a JSON object with concept and sentences");
}
