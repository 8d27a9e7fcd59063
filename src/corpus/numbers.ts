import { ArgumentError } from "../core/errors.js";
import { checkKnown } from "../core/suggest.js";
import type { Concept } from "./concepts.js";
import type { RowTable } from "./rows.js";

/** A number that every row has, or lacks. */
export interface RowNumbers {
  readonly key: string;
  /** One a row; NaN where a row lacks it. */
  readonly values: Float64Array;
}

/** Numbers that a table's rows have by their places and texts. */
const made: Readonly<Record<string, (table: RowTable) => ArrayLike<number>>> = {
  position: ({ position }) => position,
  "relative-position": (table) => {
    const lengths = rowsOfSentences(table);
    return Float64Array.from(table.position, (place, row) => place / Math.max(1, lengths[row]! - 1));
  },
  length: (table) =>
    table.kind === "sentence" ? table.text.map((text) => text.match(/\S+/gu)?.length ?? 0) : rowsOfSentences(table),
  "log-frequency": logFrequencies,
};

/**
 * The numbers that a key names: `position` in the sentence, `relative-position` in [0, 1], `length` of the sentence in
 * rows (of a sentence in words), `log-frequency` (ln of how many rows have the same form), or any annotation whose
 * values are numbers, such as `depth` in the tree (of a sentence its largest).
 *
 * @throws ArgumentError for an unknown key, a value that is no number, and numbers that do not differ
 */
export function numbersOf(table: RowTable, key: string): RowNumbers {
  const derived = Object.keys(made).filter((name) => !table.keys.includes(name));
  checkKnown("concept", key, [...derived, ...table.keys]);
  if (derived.includes(key)) return differing({ key, values: Float64Array.from(made[key]!(table)) });
  return differing({ key, values: Float64Array.from(table.column(key), (cell) => numberOf(key, cell)) });
}

/** The numbers that labels of rows are. @throws ArgumentError as above */
export function labelNumbers({ name, classes, labels }: Concept): RowNumbers {
  const numbers = classes.map((value) => numberOf(name.key, value));
  return differing({ key: name.key, values: Float64Array.from(labels, (label) => numbers[label] ?? Number.NaN) });
}

function differing(numbers: RowNumbers): RowNumbers {
  const known = numbers.values.filter((value) => !Number.isNaN(value));
  if (known.some((value) => value !== known[0])) return numbers;
  throw new ArgumentError("concept", "numbers that differ between rows", numbers.key);
}

function numberOf(key: string, cell: string | readonly string[] | null): number {
  if (cell === null) return Number.NaN;
  const numbers = [cell].flat().map((text) => (text.trim() === "" ? Number.NaN : Number(text)));
  const wrong = numbers.findIndex((number) => !Number.isFinite(number));
  if (wrong >= 0)
    throw new ArgumentError("concept", "a key whose values are numbers", `${key}=${[cell].flat()[wrong]}`);
  if (numbers.length === 1 || key === "depth") return Math.max(...numbers);
  throw new ArgumentError("concept", "a key with one number a row", `${key}=${[cell].flat().join(" and ")}`);
}

function rowsOfSentences({ sentence }: RowTable): Uint32Array {
  const counts = new Map<number, number>();
  for (const number of sentence) counts.set(number, (counts.get(number) ?? 0) + 1);
  return sentence.map((number) => counts.get(number)!);
}

function logFrequencies(table: RowTable): Float64Array {
  const forms = table.keys.includes("form") && table.kind !== "sentence" ? table.column("form") : table.text;
  const counts = new Map<string, number>();
  for (const form of forms) counts.set(String(form), (counts.get(String(form)) ?? 0) + 1);
  return Float64Array.from(forms, (form) => (form === null ? Number.NaN : Math.log(counts.get(String(form))!)));
}
