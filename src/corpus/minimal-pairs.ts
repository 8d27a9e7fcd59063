import { FileError } from "../core/errors.js";
import { labelsOf, namesItems, readItem } from "./agreement-items.js";
import { pairedSentence, type Sentence, spacedSentence, type TextForm } from "./corpus.js";
import type { Line } from "./lines.js";
import { labelPair } from "./pairs.js";
import { pairFields, readPair } from "./sentence-pairs.js";

/**
 * The sentences of JSON objects, one a line: all minimal pairs, all agreement items (src/corpus/agreement-items.ts), all
 * `source` with its `target` beside it, or all `premise` with its `hypothesis`, as the first one is. Every other text,
 * number or truth value of an object is a label.
 *
 * @throws FileError with the line that is no such object
 */
export function* parseObjects(path: string, lines: Iterable<Line>, form: TextForm = "written"): Generator<Sentence> {
  const written = [...lines].filter(({ text }) => text.trim() !== "");
  const [first] = written;
  const names = first ? Object.keys(parseObject(path, first)) : [];
  const sides = pairFields(names);
  if (sides) return yield* parseSidedPairs(path, written, sides);
  if (namesItems(names)) return yield* parseItems(path, written, form);
  if (!names.includes("source") || names.includes("sentence_good"))
    return yield* parseMinimalPairs(path, written, form);
  for (const line of written) {
    const { source, target, ...rest } = parseObject(path, line);
    const texts = [checkSentence(path, line, "source", source), checkSentence(path, line, "target", target)] as const;
    yield pairedSentence(...texts, form, labelsOf(rest));
  }
}

/** Pairs of a premise and a hypothesis, or as SNLI calls them (src/corpus/sentence-pairs.ts). */
function* parseSidedPairs(path: string, lines: readonly Line[], sides: readonly [string, string]): Generator<Sentence> {
  for (const line of lines) {
    const object = parseObject(path, line);
    const texts = sides.map((key) => [key, checkSentence(path, line, key, object[key])]);
    const pair = readPair(path, line.number, { ...labelsOf(object), ...Object.fromEntries(texts) }, sides);
    if (pair) yield pair;
  }
}

function* parseItems(path: string, lines: readonly Line[], form: TextForm): Generator<Sentence> {
  for (const [number, line] of lines.entries()) {
    yield* labelPair(number, ...readItem(path, line.number, parseObject(path, line), form));
  }
}

/**
 * The sentences of minimal pairs, one JSON object a line with `sentence_good` and `sentence_bad` (BLiMP,
 * Warstadt et al. 2020): pair k is sentences 2k (good) and 2k + 1 (bad). Labels: `grammatical` (yes or no), `pair`
 * (k), and every other text, number or truth value of the object. With a `source` they are what an encoder-decoder may
 * write for it (Sennrich 2017).
 *
 * @throws FileError with the line that is no such object
 */
export function* parseMinimalPairs(
  path: string,
  lines: Iterable<Line>,
  form: TextForm = "written",
): Generator<Sentence> {
  let pair = 0;
  for (const line of lines) {
    if (line.text.trim() === "") continue;
    yield* minimalPair(path, line, pair++, parseObject(path, line), form);
  }
}

/** The sentences of pair `number`. @throws FileError with the line where one is missing */
export function minimalPair(
  path: string,
  line: Pick<Line, "number">,
  number: number,
  { sentence_good: good, sentence_bad: bad, ...rest }: Readonly<Record<string, unknown>>,
  form: TextForm,
): [Sentence, Sentence] {
  const texts = [checkSentence(path, line, "sentence_good", good), checkSentence(path, line, "sentence_bad", bad)];
  if (rest.source === undefined) {
    const [first, second] = texts.map((text) => spacedSentence(text, form, labelsOf(rest)));
    return labelPair(number, first!, second!);
  }
  const { source, ...labels } = rest;
  const read = checkSentence(path, line, "source", source);
  const [first, second] = texts.map((text) => pairedSentence(read, text, form, labelsOf(labels)));
  return labelPair(number, first!, second!);
}

function parseObject(path: string, line: Line): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch (cause) {
    throw new FileError(path, "Expected a JSON object", `line ${line.number}`, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new FileError(path, "Expected a JSON object", `line ${line.number}`);
}

function checkSentence(path: string, line: Pick<Line, "number">, key: string, value: unknown): string {
  if (typeof value === "string" && /\S/u.test(value)) return value;
  throw new FileError(path, `Expected a sentence for ${key} but found ${JSON.stringify(value)}`, `line ${line.number}`);
}
