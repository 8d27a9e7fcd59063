import { FileError } from "../core/errors.js";
import { type Sentence, spacedSentence, type TextForm } from "./corpus.js";

/*
 * An agreement item (Linzen et al. 2016, Gulordava et al. 2018, Lakretz et al. 2019) is a text with a place at which a
 * correct and a wrong form are compared: fields `correct` and `wrong`, and
 *   prefix     what stands before the form, or
 *   sentence   the whole, with ___ at the form's place; or with one of the forms there, as word number `position`
 *              (counted from 0; words are what stands between spaces), or as its only occurrence
 * Gulordava's generated.tab has two records for an item: `prefix`, `form`, and `class`, which is correct or wrong.
 */

/** The fields of one record. */
export type Fields = Readonly<Record<string, unknown>>;

const ownFields = ["prefix", "sentence", "position", "correct", "wrong"];

/** Whether the names are those of agreement items, one a record. */
export function namesItems(names: readonly string[]): boolean {
  const has = (name: string) => names.includes(name);
  return has("correct") && has("wrong") && (has("prefix") || has("sentence"));
}

/** Whether the names are those of agreement items of two records: the correct form, then the wrong one. */
export function namesForms(names: readonly string[]): boolean {
  return ["prefix", "form", "class"].every((name) => names.includes(name)) && !namesItems(names);
}

/** The sentences with the correct and the wrong form. @throws FileError with the line where there is no place for them */
export function readItem(path: string, line: number, fields: Fields, form: TextForm): [Sentence, Sentence] {
  const refuse = (what: string) => new FileError(path, what, `line ${line}`);
  const [correct, wrong] = [checkForm("correct"), checkForm("wrong")];
  if (correct === wrong) throw refuse(`Expected a wrong form other than ${JSON.stringify(correct)}`);
  const [before, after] = placeOf(fields, correct, wrong, refuse);
  const labels = labelsOf(fields, ownFields);
  return [fill(before, correct, after, form, labels), fill(before, wrong, after, form, labels)];

  function checkForm(name: string): string {
    const value = fields[name];
    if (typeof value === "string" && /\S/u.test(value)) return value.trim();
    throw refuse(`Expected a form for ${name} but found ${JSON.stringify(value)}`);
  }
}

/** The sentences of two records, each with a form. @throws FileError with the line where they are not of one item */
export function joinForms(
  path: string,
  records: readonly [Fields, Fields],
  line: number,
  form: TextForm,
): [Sentence, Sentence] {
  const [first, second] = records;
  if (first.prefix !== second.prefix || first.class !== "correct" || second.class !== "wrong") {
    throw new FileError(
      path,
      "Expected two records of one prefix, the first of class correct, the second wrong",
      `line ${line}`,
    );
  }
  const labels = labelsOf(first, ["prefix", "form", "class", "sent"]);
  return readItem(path, line, { ...labels, prefix: first.prefix, correct: first.form, wrong: second.form }, form);
}

type Refuse = (what: string) => FileError;

/** What stands before and behind the form. */
function placeOf(fields: Fields, correct: string, wrong: string, refuse: Refuse): readonly [string, string] {
  const { prefix, sentence, position } = fields;
  if (typeof prefix === "string") return [/^$|\s$/u.test(prefix) ? prefix : `${prefix} `, ""];
  if (typeof sentence !== "string") throw refuse("Expected a text for prefix or sentence but found none");
  const blanks = [...sentence.matchAll(/_{3,}/g)];
  if (blanks.length === 1) return around(sentence, blanks[0]!);
  if (blanks.length > 1) throw refuse(`Expected a single ___ but found ${blanks.length}`);
  const words = [...sentence.matchAll(/\S+/gu)];
  if (position !== undefined) {
    const word = words[Number(position)];
    if (word && [correct, wrong].includes(word[0])) return around(sentence, word);
    const found = word ? JSON.stringify(word[0]) : `${words.length} words`;
    throw refuse(`Expected ${correct} or ${wrong} as word ${position} (from 0) but found ${found}`);
  }
  const found = words.filter((word) => word[0] === correct);
  if (found.length === 1) return around(sentence, found[0]!);
  throw refuse(`Expected ___, or ${correct} once, in the sentence but found it ${found.length} times`);
}

function around(sentence: string, { 0: match, index }: RegExpExecArray): readonly [string, string] {
  return [sentence.slice(0, index), sentence.slice(index + match.length)];
}

function fill(
  before: string,
  word: string,
  after: string,
  form: TextForm,
  labels: Readonly<Record<string, string>>,
): Sentence {
  const joined = (text: string) => (form === "words" ? text.replace(/^\s+/u, "").replace(/\s+/gu, " ") : text);
  const start = [...joined(before)].length;
  const sentence = spacedSentence(`${joined(before)}${word}${after}`, form, labels);
  return { ...sentence, critical: { start, end: start + [...word].length } };
}

/** The texts, numbers and truth values of a record as labels. */
export function labelsOf(fields: Fields, without: readonly string[] = []): Record<string, string> {
  const plain = Object.entries(fields).filter(
    ([name, value]) => !without.includes(name) && ["string", "number", "boolean"].includes(typeof value),
  );
  return Object.fromEntries(plain.map(([name, value]) => [name, String(value)]));
}
