import { ArgumentError } from "../core/errors.js";
import { hash, hashFurther, hashText, normalOf } from "../core/random.js";
import type { Batch, Token } from "./batch.js";
import { type ChangedSite, columnsIn } from "./intervention-columns.js";
import type { Intervention, NeuronRows, NeuronValues } from "./interventions.js";

/** Operations whose values differ from token to token. */
export const rowOperations = ["noise", "resample", "patch"] as const;
export type RowOperation = (typeof rowOperations)[number];

/** What a row-wise operation writes for one token: a number per column. */
type Writer = (token: Token, into: Float32Array) => void;

/**
 * The values of every token that an intervention means: what noise adds, or what is put in place.
 *
 * @returns tokens × columns, in the order of the tokens
 */
export function rowValues(
  intervention: Intervention,
  operation: RowOperation,
  site: ChangedSite,
  { columns, tokens, batch }: { readonly columns?: ArrayLike<number> | undefined; readonly tokens: readonly Token[]; readonly batch: Batch }, // biome-ignore format: one line
): Float32Array {
  const count = columns?.length ?? site.width;
  const write = writers[operation](intervention, site, columns, batch);
  const values = new Float32Array(tokens.length * count);
  tokens.forEach((token, i) => {
    write(token, values.subarray(i * count, (i + 1) * count));
  });
  return values;
}

type MakeWriter = (
  intervention: Intervention,
  site: ChangedSite,
  columns: ArrayLike<number> | undefined,
  batch: Batch,
) => Writer;

const writers: Readonly<Record<RowOperation, MakeWriter>> = {
  noise({ value, seed = 0 }, site, columns, { identities }) {
    const deviations = numbersOf(value, site, columns);
    const place = hash(seed, hashText(site.name));
    return ({ sequence, position }, into) => {
      const at = hash(place, identities[sequence]!, position);
      for (let i = 0; i < into.length; i++) {
        const column = columns?.[i] ?? i;
        into[i] = deviations(i) * normalOf(hashFurther(at, 2 * column), hashFurther(at, 2 * column + 1));
      }
    };
  },
  resample({ value, seed = 0 }, site, columns, { identities }) {
    const rows = rowsOf(value);
    const from = columnsIn(rows, site, columns);
    const [width, count] = [widthOf(rows), rows.values.length / widthOf(rows)];
    if (count === 0) throw new ArgumentError("value", "at least one row to draw from", "none");
    return ({ sequence, position }, into) => {
      const row = Math.floor((hash(seed, identities[sequence]!, position) / 2 ** 32) * count);
      copy(rows.values, row * width, from, into);
    };
  },
  patch({ value, from: named }, site, columns) {
    const rows = rowsOf(value);
    const from = columnsIn(rows, site, columns);
    const width = widthOf(rows);
    const { starts } = rows;
    if (!starts)
      throw new ArgumentError("value", "a run that knows its sequences, as capture gives", "rows of no text");
    return ({ sequence, position }, into) => {
      const other = named ?? (starts.length === 2 ? 0 : sequence);
      const row = (starts[other] ?? Number.NaN) + position;
      if (!(row < starts[other + 1]!)) {
        throw new ArgumentError("value", `a run with position ${position} of sequence ${other}`, "one without it");
      }
      copy(rows.values, row * width, from, into);
    };
  },
};

function copy(values: Float32Array, start: number, from: readonly number[], into: Float32Array): void {
  for (let i = 0; i < from.length; i++) into[i] = values[start + from[i]!]!;
}

function widthOf({ sites }: NeuronRows): number {
  return sites.reduce((sum, { width }) => sum + width, 0);
}

function rowsOf(value: Intervention["value"]): NeuronRows {
  if (typeof value === "object" && "sites" in value && value.values.length % widthOf(value) === 0) return value;
  throw new ArgumentError("value", "rows of values that know their sites", value);
}

/** The number of the i-th column: one for all, one each, or by the neurons' names. */
function numbersOf(
  value: number | Float32Array | NeuronValues,
  site: ChangedSite,
  columns: ArrayLike<number> | undefined,
): (i: number) => number {
  if (typeof value === "number") return () => value;
  const numbers = vectorOf(value, site, columns);
  return (i) => numbers[i]!;
}

/** One number for each of the columns. @throws ArgumentError where there are more or fewer */
export function vectorOf(
  value: Float32Array | NeuronValues,
  site: ChangedSite,
  columns: ArrayLike<number> | undefined,
): Float32Array {
  const count = columns?.length ?? site.width;
  if ("sites" in value) return Float32Array.from(columnsIn(value, site, columns), (column) => value.values[column]!);
  if (value.length !== count) throw new ArgumentError("value", `a number for each of ${count} columns`, value);
  return value;
}
