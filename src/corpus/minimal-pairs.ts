import { FileError } from "../core/errors.js";
import { pairedSentence, type Sentence, spacedSentence, type TextForm } from "./corpus.js";
import type { Line } from "./lines.js";
import { pairFields, readPair } from "./sentence-pairs.js";

/**
 * The sentences of JSON objects, one a line: all minimal pairs, all `source` with its `target` beside it, or all
 * `premise` with its `hypothesis`, as the first one is. Every other text, number or truth value of an object is a label.
 *
 * @throws FileError with the line that is no such object
 */
export function* parseObjects(path: string, lines: Iterable<Line>, form: TextForm = "written"): Generator<Sentence> {
  const written = [...lines].filter(({ text }) => text.trim() !== "");
  const [first] = written;
  const sides = first ? pairFields(Object.keys(parseObject(path, first))) : null;
  if (sides) return yield* parseSidedPairs(path, written, sides);
  if (!first || parseObject(path, first).source === undefined) {
    yield* parseMinimalPairs(path, written, form);
    return;
  }
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

/**
 * The sentences of minimal pairs, one JSON object a line with `sentence_good` and `sentence_bad` (BLiMP,
 * Warstadt et al. 2020): pair k is sentences 2k (good) and 2k + 1 (bad). Labels: `grammatical` (yes or no), `pair`
 * (k), and every other text, number or truth value of the object.
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
    const { sentence_good: good, sentence_bad: bad, ...rest } = parseObject(path, line);
    const labels = { ...labelsOf(rest), pair: String(pair++) };
    yield spacedSentence(checkSentence(path, line, "sentence_good", good), form, { ...labels, grammatical: "yes" });
    yield spacedSentence(checkSentence(path, line, "sentence_bad", bad), form, { ...labels, grammatical: "no" });
  }
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

function labelsOf(object: Readonly<Record<string, unknown>>): Record<string, string> {
  const plain = Object.entries(object).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  return Object.fromEntries(plain.map(([key, value]) => [key, String(value)]));
}

function checkSentence(path: string, line: Line, key: string, value: unknown): string {
  if (typeof value === "string" && /\S/u.test(value)) return value;
  throw new FileError(path, `Expected a sentence for ${key} but found ${JSON.stringify(value)}`, `line ${line.number}`);
}
