import { FileError } from "../core/errors.js";
import { type PlacedWord, type Sentence, sentenceOf } from "./corpus.js";

/** What the two sentences of a pair are called: as in MultiNLI and most others, or as in SNLI. */
const names = [
  ["premise", "hypothesis"],
  ["sentence1", "sentence2"],
] as const;

/** The fields that hold the two sentences of a pair, if these are fields of pairs. */
export function pairFields(fields: readonly string[]): readonly [string, string] | null {
  return names.find((pair) => pair.every((name) => fields.includes(name))) ?? null;
}

/**
 * A pair of sentences as one: its text is both, with a space between them. A word has `form`, and `premise.form` or
 * `hypothesis.form`; a field `premise.upos` (or `hypothesis.…`) annotates the words, one value each between spaces.
 * What else there is are labels. Null where one of the two is blank.
 *
 * @throws FileError with the line where a field has another number of values than there are words
 */
export function readPair(
  path: string,
  line: number,
  fields: Readonly<Record<string, string>>,
  [first, second]: readonly [string, string],
): Sentence | null {
  const [premise, hypothesis] = [fields[first]!, fields[second]!];
  if (!/\S/u.test(premise) || !/\S/u.test(hypothesis)) return null;
  const own = (part: string) => Object.entries(fields).filter(([name]) => name.startsWith(`${part}.`));
  const words = [
    ...wordsOf(path, line, "premise", premise, 0, own("premise")),
    ...wordsOf(path, line, "hypothesis", hypothesis, premise.length + 1, own("hypothesis")),
  ];
  const parts = [first, second, ...[...own("premise"), ...own("hypothesis")].map(([name]) => name)];
  const labels = Object.fromEntries(Object.entries(fields).filter(([name]) => !parts.includes(name)));
  return sentenceOf(`${premise} ${hypothesis}`, words, labels);
}

function wordsOf(
  path: string,
  line: number,
  part: string,
  text: string,
  start: number,
  annotations: readonly (readonly [string, string])[],
): PlacedWord[] {
  const words = [...text.matchAll(/\S+/gu)];
  const columns = annotations.map(([name, values]) => {
    const found = values.split(/\s+/u).filter((value) => value !== "");
    if (found.length === words.length) return [name, found] as const;
    throw new FileError(
      path,
      `Expected ${words.length} values for ${name}, one a word, but found ${found.length}`,
      `line ${line}`,
    );
  });
  return words.map(({ 0: form, index }, i) => ({
    form,
    start: start + index,
    end: start + index + form.length,
    annotations: {
      form,
      [`${part}.form`]: form,
      ...Object.fromEntries(columns.map(([name, values]) => [name, values[i]!])),
    },
  }));
}
