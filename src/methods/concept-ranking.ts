import type { Concept } from "../corpus/concepts.js";
import { rankScores } from "./order.js";
import type { Order } from "./result.js";

/** Numbers per column and class that a method gives beside its scores. */
export type Beside = Readonly<Record<string, Float64Array | Int8Array | undefined>>;

/** What a ranking by a concept says beside its kind, sites, options and provenance. */
export interface ConceptScores<Fields extends Beside> extends Order {
  readonly values?: Readonly<Record<string, Order & Fields>>;
  readonly best?: readonly string[];
}

/**
 * Scores of every column for every class of a concept as the fields of a ranking. With one class they are the scores;
 * with many, `values` has the ranking of each, the scores are the maximum over classes and `best` its class (the
 * earlier one where two tie).
 *
 * @param scores columns × classes, and so is every array of `beside`
 */
export function rankByConcept<Fields extends Beside>(
  { name, classes }: Concept,
  scores: Float64Array,
  beside: Fields,
): ConceptScores<Fields> & Fields {
  const count = classes.length;
  if (name.value !== null) return { ...rankScores(scores), ...beside };
  const best = bestClasses(scores, count);
  const ofClass = (label: number) => {
    const same = best.map(() => label);
    return { ...rankScores(pick(scores, same, count)), ...pickAll(beside, same, count) };
  };
  return {
    ...rankScores(pick(scores, best, count)),
    ...pickAll(beside, best, count),
    values: Object.fromEntries(classes.map((value, label) => [value, ofClass(label)])),
    best: Array.from(best, (label) => classes[label]!),
  };
}

/** The class of each column with the largest of columns × `count` values; the earlier one where two tie. */
export function bestClasses(values: Float64Array, count: number): Uint32Array {
  return Uint32Array.from({ length: values.length / count }, (_, column) => {
    let best = 0;
    for (let i = 1; i < count; i++) if (values[column * count + i]! > values[column * count + best]!) best = i;
    return best;
  });
}

function pick<Field extends Float64Array | Int8Array>(field: Field, labels: Uint32Array, count: number): Field {
  const picked = field.slice(0, labels.length) as Field;
  labels.forEach((label, column) => {
    picked[column] = field[column * count + label]!;
  });
  return picked;
}

function pickAll<Fields extends Beside>(fields: Fields, labels: Uint32Array, count: number): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => (field ? [[name, pick(field, labels, count)]] : [])),
  ) as Fields;
}
