import { type BitMatrix, wordsPerRow } from "../core/bits.js";
import { ArgumentError } from "../core/errors.js";
import { checkKnown } from "../core/suggest.js";
import { resolveConcept } from "./concepts.js";
import { withDerivedKeys } from "./derived-keys.js";
import { inOrder, type NumberedValues, numberValues, setBits } from "./numbered-values.js";
import type { RowTable } from "./rows.js";

/** One yes/no property of rows that formulas are made of; a pattern's value is `~` and itself. */
export interface VocabularyConcept {
  readonly key: string;
  readonly value: string;
  /** The nearest words to `value`, where the concept is NEIGHBORS of it. */
  readonly neighbors?: readonly string[];
}

/** Concepts that formulas are made of, in the order in which they were asked for. */
export interface Vocabulary {
  readonly concepts: readonly VocabularyConcept[];
  /** Concepts × rows. */
  readonly bits: BitMatrix;
  /** Values of whole keys that every row has: they say nothing. */
  readonly leftOut: number;
}

/** How a vocabulary is read. */
export interface VocabularyOptions {
  /** `mu-andreas`: overlap of pairs as the authors count it (src/corpus/derived-keys.ts). */
  readonly compat?: "mu-andreas" | undefined;
  /** Bytes that the bits may take. */
  readonly mostBytes?: number;
}

/** As much as the memory that a GPU binds at once. */
const usualBytes = 2 ** 31;

type Column = ReturnType<RowTable["column"]>;

/** The values of one key that were asked for, by their numbers in its column. */
interface Asked {
  readonly key: string;
  readonly column: NumberedValues;
  readonly chosen: readonly number[];
  readonly leftOut: number;
}

/**
 * The concepts that specifications name: `upos` (all its values, in alphabetical or numerical order), `form:2000` (the
 * 2,000 most frequent ones), `feats` (every feature), `upos=NOUN`, `form~^un` (a regular expression), `text` (a row's own
 * text), and for pairs of sentences `premise.form:2000` and `overlap`. A value may be quoted as JSON. What is named twice counts once; values
 * of whole keys that every row has are left out.
 *
 * @throws ArgumentError for an unknown key or value (with near names), a single concept that no row or every row has, and a
 * vocabulary that does not fit memory
 */
export function readVocabulary(
  table: RowTable,
  specifications: readonly string[],
  { compat, mostBytes = usualBytes }: VocabularyOptions = {},
): Vocabulary {
  if (specifications.length === 0) throw new ArgumentError("concepts", "KEY, KEY:K or KEY=VALUE", "nothing");
  const rows = withDerivedKeys(table, compat);
  const asked = specifications.flatMap((specification) => readSpecification(rows, specification));
  const known = new Set<string>();
  const parts = asked.map((part) => ({ ...part, chosen: part.chosen.filter((value) => isNew(known, part, value)) }));
  const concepts = parts.flatMap(({ key, column, chosen }) =>
    chosen.map((value) => ({ key, value: column.values[value]! })),
  );
  const leftOut = parts.reduce((sum, part) => sum + part.leftOut, 0);
  if (concepts.length === 0)
    throw new ArgumentError("concepts", "concepts that some rows have and some lack", specifications.join(","));
  const words = wordsPerRow(table.rows);
  checkSize(concepts.length, table.rows, mostBytes);
  const bits = new Uint32Array(concepts.length * words);
  let first = 0;
  for (const { column, chosen } of parts) {
    const placeOf = new Int32Array(column.values.length).fill(-1);
    chosen.forEach((value, i) => {
      placeOf[value] = first + i;
    });
    setBits(bits, column, placeOf);
    first += chosen.length;
  }
  return { concepts, bits: { bits, rows: concepts.length, columns: table.rows }, leftOut };
}

function isNew(known: Set<string>, { key, column }: Asked, value: number): boolean {
  const before = known.size;
  return known.add(`${key}\n${column.values[value]}`).size > before;
}

function readSpecification(table: RowTable, specification: string): Asked[] {
  const at = specification.search(/[=~]/);
  if (at >= 0) return [single(table, specification, at)];
  const [, bare = specification, limit] =
    /^(.+):(\d+)$/.exec(table.keys.includes(specification) ? "" : specification) ?? [];
  if (limit !== undefined && Number(limit) < 1)
    throw new ArgumentError("concepts", "KEY:K with K from 1 on", specification);
  const most = limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  const features = table.keys.filter((key) => key.startsWith("feats."));
  if (bare === "feats" && features.length > 0) return features.map((key) => wholeKey(key, table.column(key), most));
  const key = checkKnown("concepts", bare, [...table.keys, ...(features.length > 0 ? ["feats"] : [])]);
  return [wholeKey(key, table.column(key), most)];
}

/** KEY=VALUE or KEY~PATTERN. */
function single(table: RowTable, specification: string, at: number): Asked {
  const value = unquoted(specification.slice(at + 1));
  const { name, labels } = resolveConcept(table, specification.slice(0, at + 1) + value);
  const text = name.value ?? "";
  const column = Array.from(labels, (label) => (label < 0 ? null : text));
  return { key: name.key, column: numberValues(column), chosen: [0], leftOut: 0 };
}

/** The value that a JSON string names; another text names itself. */
function unquoted(text: string): string {
  if (!/^".*"$/s.test(text) || text.length < 2) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

function wholeKey(key: string, cells: Column, most: number): Asked {
  const column = numberValues(cells);
  const frequent = inOrder(column, mostFrequent(column, most));
  const chosen = frequent.filter((value) => column.counts[value] !== cells.length);
  return { key, column, chosen, leftOut: frequent.length - chosen.length };
}

/** The most frequent values; of those that tie for the last places the first in order. */
function mostFrequent(column: NumberedValues, most: number): number[] {
  const { counts } = column;
  const all = [...counts.keys()];
  if (most >= all.length) return all;
  const least = Uint32Array.from(counts).sort().at(-most)!;
  const above = all.filter((value) => counts[value]! > least);
  const tied = all.filter((value) => counts[value] === least);
  return [...above, ...inOrder(column, tied).slice(0, most - above.length)];
}

function checkSize(concepts: number, rows: number, mostBytes: number): void {
  const bytes = concepts * wordsPerRow(rows) * 4;
  if (bytes <= mostBytes) return;
  const text = (count: number) => count.toLocaleString("en");
  const received = `${text(concepts)} concepts × ${text(rows)} rows = ${text(bytes)} bytes`;
  const expected = `a vocabulary of at most ${text(mostBytes)} bytes (form:500 takes only the 500 most frequent values of form)`;
  throw new ArgumentError("concepts", expected, { toString: () => received });
}
