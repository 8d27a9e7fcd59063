import { ArgumentError } from "../core/errors.js";
import { type Model, NO_TARGET } from "../model/model.js";
import type { Alignment } from "./alignment.js";
import type { Sentence } from "./corpus.js";

/**
 * The class of a classifier of sequences that is right for a sentence: what the sentence's label `label` names.
 *
 * @param number the sentence's, for errors
 * @throws ArgumentError where the sentence has no such label, or its value is no class of the model
 */
export function classOfSentence(model: Model, sentence: Sentence, number: number, label = "label"): number {
  const value = sentence.labels[label];
  if (value !== undefined) return classOf(model, value);
  const known = Object.keys(sentence.labels).join(", ") || "no labels";
  throw new ArgumentError("label", `a label of the corpus' sentences (sentence ${number} has ${known})`, label);
}

/**
 * The classes of a classifier of tokens that are right: what the annotation `label` of each word names, at the word's
 * first token; `NO_TARGET` at all other tokens.
 *
 * @param tokens how many the sentence has
 * @throws ArgumentError where no annotation is named, or a value is no class of the model
 */
export function classesOfTokens(
  model: Model,
  sentence: Sentence,
  alignment: Alignment,
  tokens: number,
  label: string | undefined,
): Uint32Array {
  if (label === undefined)
    throw new ArgumentError("label", "the annotation of words that is right, such as upos", "nothing");
  const classes = new Uint32Array(tokens).fill(NO_TARGET);
  alignment.tokens.forEach(([first], word) => {
    const value = sentence.words[word]!.annotations[label];
    if (first !== undefined && value !== undefined) classes[first] = classOf(model, value);
  });
  return classes;
}

/** The class that a corpus' value names: by the classifier's label, or by its number. */
function classOf({ head, name }: Model, value: string): number {
  const named = head.labels.indexOf(value);
  if (named >= 0) return named;
  const number = /^\d+$/.test(value) ? Number(value) : head.labels.length;
  if (number < head.labels.length) return number;
  throw new ArgumentError(
    "label",
    `a class of ${name}: ${head.labels.join(", ")}, or 0 to ${head.labels.length - 1}`,
    value,
  );
}
