import { refuseNotFinite } from "../../activations/finite.js";
import { rowGroups } from "../../activations/row-groups.js";
import type { ActivationSource } from "../../activations/source.js";
import { packBits } from "../../core/bits.js";
import { ArgumentError } from "../../core/errors.js";
import { checkKnown } from "../../core/suggest.js";
import { type Concept, classesOf } from "../../corpus/concepts.js";
import type { Device } from "../../device/device.js";
import type { AveragePrecision } from "../../kernels/average-precision.js";
import type { MethodContext } from "../result.js";
import type { Responses } from "./concept-responses.js";
import { sourceExperts } from "./source-average-precision.js";

/** Scores and responses, columns × concepts. */
export type Experts = AveragePrecision & { readonly responses: Responses };

/**
 * Average precision of every neuron for every value of a concept, each over the rows of its own list: those whose `within`
 * is called as the value is. One pass over the source; in memory is a list at a time where lists lie one behind the other.
 *
 * @throws ArgumentError for a value without a list, and a list whose rows all have their value
 */
export async function listedExperts(
  source: ActivationSource,
  device: Device,
  concept: Concept,
  within: string,
  context: MethodContext,
): Promise<Experts> {
  const lists = listsOf(source, concept, within);
  const size = source.columns * concept.classes.length;
  const numbers = () => new Float64Array(size);
  const found = { positive: numbers(), negative: numbers(), on_p50: numbers(), on_p90: numbers(), off_mean: numbers() };
  for await (const { label, rows, values, source: own } of rowGroups(source, lists, context)) {
    refuseNaN(values, rows, source);
    const positive = Array.from(rows, (row) => concept.labels[row] === label);
    if (positive.every((is) => is)) {
      throw new ArgumentError(`${within}=${concept.classes[label]}`, "a list with rows that lack the concept", "none");
    }
    const { responses, ...scores } = await sourceExperts(own, device, packBits([positive]), context.signal ? { signal: context.signal } : {}); // biome-ignore format: one line
    for (const [name, values] of Object.entries({ ...scores, ...responses })) {
      values.forEach((value, column) => {
        found[name as keyof typeof found][column * concept.classes.length + label] = value;
      });
    }
  }
  const { positive, negative, ...responses } = found;
  return { positive, negative, responses };
}

function refuseNaN(values: Float32Array, rows: Uint32Array, { columns, sites }: ActivationSource): void {
  const place = values.findIndex((value) => Number.isNaN(value));
  if (place < 0) return;
  refuseNotFinite({ row: rows[Math.floor(place / columns)]!, column: place % columns, value: Number.NaN }, sites);
}

/** The class of the concept whose list each row is in; −1 for none. */
function listsOf(
  { table, name }: ActivationSource,
  { name: { key, value }, classes }: Concept,
  within: string,
): Int32Array {
  if (!table) throw new ArgumentError("within", `nothing, as the rows of ${name} have no annotations,`, within);
  if (value !== null) throw new ArgumentError("concept", `a key with many values beside within, such as ${key}`, `${key}=${value}`); // biome-ignore format: one line
  const lists = classesOf({ key: within, value: null }, table.column(checkKnown("within", within, table.keys)));
  const missing = classes.find((one) => !lists.classes.includes(one));
  if (missing !== undefined) throw new ArgumentError("within", `a key with the value ${missing}`, within);
  const labels = new Map(classes.map((one, label) => [one, label]));
  return lists.labels.map((list) => (list < 0 ? -1 : (labels.get(lists.classes[list]!) ?? -1)));
}
