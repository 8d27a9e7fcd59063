import { type BitMatrix, wordsPerRow } from "../core/bits.js";
import { ArgumentError } from "../core/errors.js";
import { checkKnown, suggest } from "../core/suggest.js";
import { inOrder, numberValues, setBits } from "./numbered-values.js";
import type { RowTable } from "./rows.js";

/** A yes/no property of rows (one class, and rows that lack it), or a classification of rows. */
export interface Concept {
  /** `value` is null for a classification; a pattern is named `~` and itself. */
  readonly name: { readonly key: string; readonly value: string | null };
  /** Names of the classes, in alphabetical or numerical order. */
  readonly classes: readonly string[];
  /** The class of every row, the first where it has several; −1 for none. */
  readonly labels: Int32Array;
  /** Classes × rows: which rows belong to each class. */
  masks(): BitMatrix;
}

type Column = ReturnType<RowTable["column"]>;

/**
 * The concept that a specification names: `upos` (the classes are its values), `upos=NOUN` (exactly), or `form~^un`
 * (a regular expression). Rows that lack the key are negatives of KEY=VALUE and KEY~PATTERN, and of no class of KEY.
 *
 * @throws ArgumentError for an unknown key or value (with near names), a pattern that is none, and a concept that no
 * row or every row has
 */
export function resolveConcept(table: RowTable, specification: string): Concept {
  const { key, operator, value } = parseSpecification(specification);
  checkKnown("concept", key, table.keys);
  const column = table.column(key);
  if (operator === null) return checked(specification, classesOf({ key, value: null }, column));
  const name = operator === "=" ? value : `~${value}`;
  const has = operator === "=" ? matchValue(key, value, column) : matchPattern(specification, value);
  const only = column.map((cell) => (cell !== null && [cell].flat().some(has) ? name : null));
  return checked(specification, classesOf({ key, value: name }, only));
}

/** A concept of given values, one cell per row: null belongs to no class. */
export function classesOf(name: Concept["name"], column: Column): Concept {
  const numbered = numberValues(column);
  const { values, first } = numbered;
  const order = inOrder(numbered, [...values.keys()]);
  const placeOf = new Int32Array(values.length);
  order.forEach((value, place) => {
    placeOf[value] = place;
  });
  return {
    name,
    classes: order.map((value) => values[value]!),
    labels: first.map((value) => (value < 0 ? -1 : placeOf[value]!)),
    masks: () => {
      const bits = new Uint32Array(values.length * wordsPerRow(column.length));
      setBits(bits, numbered, placeOf);
      return { bits, rows: values.length, columns: column.length };
    },
  };
}

/**
 * Hands a concept back if some row has it and, where it has one class, some row lacks it.
 *
 * @throws ArgumentError otherwise
 */
export function checked(specification: string, concept: Concept): Concept {
  const rows = concept.labels.length;
  if (concept.classes.length === 0) {
    throw new ArgumentError("concept", `a concept that some of the ${rows} rows have`, specification);
  }
  if (concept.classes.length === 1 && concept.labels.every((label) => label === 0)) {
    throw new ArgumentError("concept", `a concept that some of the ${rows} rows lack`, specification);
  }
  return concept;
}

function parseSpecification(text: string): { key: string; operator: "=" | "~" | null; value: string } {
  const at = text.search(/[=~]/);
  if (at < 0) return { key: text, operator: null, value: "" };
  return { key: text.slice(0, at), operator: text[at] === "=" ? "=" : "~", value: text.slice(at + 1) };
}

function matchValue(key: string, value: string, column: Column): (cell: string) => boolean {
  const numbered = numberValues(column);
  const { values } = numbered;
  if (values.includes(value)) return (cell) => cell === value;
  const order = inOrder(numbered, [...values.keys()]).map((known) => values[known]!);
  const expected = `a value of ${key}${suggest(value, order)}, such as ${order.slice(0, 20).join(", ")},`;
  throw new ArgumentError("concept", expected, `${key}=${value}`);
}

function matchPattern(specification: string, pattern: string): (cell: string) => boolean {
  try {
    const expression = new RegExp(pattern, "u");
    return (cell) => expression.test(cell);
  } catch {
    throw new ArgumentError("concept", "a regular expression behind ~", specification);
  }
}
