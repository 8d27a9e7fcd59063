import { quantileOfSorted } from "../../activations/neuron-values.js";
import { ArgumentError } from "../../core/errors.js";
import type { Site } from "../../core/sites.js";
import { checkKnown, suggest } from "../../core/suggest.js";
import type { Intervention, NeuronRows } from "../../model/interventions.js";
import type { Model } from "../../model/model.js";
import { type AblatedRowsOptions, countRows, eachAblatedRow, positionNames, RowSample } from "./ablated-rows.js";
import type { Passage } from "./passages.js";
import { offDirections } from "./projection.js";

const names = ["zero", "mean", "flip", "noise", "resample", "project"] as const;

/**
 * What an ablated neuron becomes (METHODS.md §4): 0; its mean over the ablated positions of the corpus; its value with
 * the sign turned; its value plus a normal number of mean 0 and of the neuron's own standard deviation over the ablated
 * positions, which the seed, the sentence, the position and the neuron decide; its value at another of the ablated
 * positions, drawn anew for every token, and the same position for all neurons; its value without the unit's part in the
 * span of directions; `p50`, a percentile of its values; or a number.
 */
export type ReplacementName = (typeof names)[number] | `p${number}` | number;

/** Checks a value as the command line or a program gives it; a text that is a number becomes one. @throws ArgumentError */
export function checkReplacement(argument: string, value: string | number): ReplacementName {
  const known = names.find((name) => name === value);
  if (known) return known;
  if (typeof value === "string" && /^p\d+(\.\d+)?$/.test(value) && Number(value.slice(1)) <= 100) return `p${Number(value.slice(1))}`; // biome-ignore format: one line
  const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  if (Number.isFinite(number)) return number;
  const expected = `one of ${names.join(", ")}, a percentile from p0 to p100, or a number`;
  throw new ArgumentError(argument, `${expected}${suggest(String(value), names)}`, value);
}

/** Bytes of activations of a whole corpus that are held at once. */
const corpusBytes = 1 << 28;

/** Whether a replacement is found by reading the ablated positions first. */
export function needsRows(value: ReplacementName): boolean {
  return !(value === "zero" || value === "flip" || value === "project" || typeof value === "number");
}

/** Bytes that finding and keeping a replacement takes at most, besides those of its forward batches. */
export function replacementBytes(passages: readonly Passage[], sites: readonly Site[], value: ReplacementName): number {
  if (!needsRows(value)) return 0;
  const columns = sites.reduce((sum, { width }) => sum + width, 0);
  if (value === "mean" || value === "noise") return 3 * 8 * columns;
  const rows = countRows(passages, sites);
  const held = Math.min(corpusBytes, 4 * rows * columns);
  return value === "resample" ? 8 * held : held; // rows and all of them together; on the device a plan's copy each
}

/** How some columns of a site are changed: an intervention without its place. */
export type Change = Pick<Intervention, "operation" | "value" | "seed" | "reach">;

/** What becomes of ablated neurons, by site and column. */
export interface Replacement {
  /** @param columns of the site */
  changeOf(site: Site, columns: Uint32Array): Change;
}

export interface ReplacementOptions extends AblatedRowsOptions {
  readonly value: ReplacementName;
  readonly seed: number;
  /** What `project` takes neurons off. */
  readonly directions?: NeuronRows | undefined;
}

/** Finds what the neurons of some sites become. @throws ArgumentError for an unknown name, or directions that do not fit */
export async function findReplacement(
  model: Model,
  passages: readonly Passage[],
  sites: readonly Site[],
  options: ReplacementOptions,
): Promise<Replacement> {
  checkKnown("positions", options.positions, positionNames);
  const value = checkReplacement("value", options.value);
  if ((value === "project") !== (options.directions !== undefined))
    throw new ArgumentError("directions", value === "project" ? "a direction to project off" : "nothing without project", value); // biome-ignore format: one line
  const run = (take: (row: Float32Array) => void) => eachAblatedRow(model, passages, sites, options, take);
  const columns = sites.reduce((sum, { width }) => sum + width, 0);
  switch (value) {
    case "zero":
      return { changeOf: () => ({ operation: "set", value: 0 }) };
    case "flip":
      return { changeOf: () => ({ operation: "scale", value: -1 }) };
    case "project":
      return { changeOf: offDirections(options.directions!, sites) };
    case "mean":
      return byColumn("set", (await momentsOf(run, columns)).means);
    case "noise":
      return byColumn("noise", (await momentsOf(run, columns)).deviations, options.seed);
    case "resample": {
      const values = await sampleOf(run, columns, options.seed);
      return { changeOf: () => ({ operation: "resample", value: { sites, values }, seed: options.seed }) };
    }
    default:
      if (typeof value === "number") return { changeOf: () => ({ operation: "set", value }) };
      return byColumn("set", await percentilesOf(model, passages, sites, Number(value.slice(1)) / 100, options));
  }
}

function byColumn(operation: "set" | "noise", values: Float32Array, seed?: number): Replacement {
  return {
    changeOf({ offset }, columns) {
      const own = shortest(Float32Array.from(columns, (column) => values[offset + column]!));
      return { operation, value: own, ...(seed !== undefined && { seed }) };
    },
  };
}

/** One number where all are the same. */
function shortest(values: Float32Array): number | Float32Array {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : values;
}

type Run = (take: (row: Float32Array) => void) => Promise<void>;

/** Means and population standard deviations, in float64; the first row is taken off first. */
async function momentsOf(run: Run, columns: number) {
  let shift: Float64Array | undefined;
  const sums = new Float64Array(columns);
  const squares = new Float64Array(columns);
  let rows = 0;
  await run((row) => {
    shift ??= Float64Array.from(row);
    rows++;
    for (let column = 0; column < columns; column++) {
      const value = row[column]! - shift[column]!;
      sums[column]! += value;
      squares[column]! += value * value;
    }
  });
  const means = Float32Array.from(sums, (sum, column) => shift![column]! + sum / rows);
  const variances = squares.map((square, column) => Math.max(0, square / rows - (sums[column]! / rows) ** 2));
  return { means, deviations: Float32Array.from(variances, Math.sqrt) };
}

/** Rows to draw from: all ablated positions, or a fair sample of as many as fit 256 MiB. */
async function sampleOf(run: Run, columns: number, seed: number): Promise<Float32Array> {
  const sample = new RowSample(Math.max(1, Math.floor(corpusBytes / (4 * columns))), seed);
  await run((row) => sample.add(row));
  return sample.values(columns);
}

/** A quantile of every column, exactly: as many passes over the corpus as its values fill 256 MiB. */
async function percentilesOf(
  model: Model,
  passages: readonly Passage[],
  sites: readonly Site[],
  share: number,
  options: AblatedRowsOptions,
): Promise<Float32Array> {
  const tokens = countRows(passages, sites);
  const columns = sites.reduce((sum, { width }) => sum + width, 0);
  const found = new Float32Array(columns);
  const count = Math.max(1, Math.floor(corpusBytes / (4 * tokens)));
  for (let first = 0; first < columns; first += count) {
    const own = Array.from({ length: Math.min(count, columns - first) }, () => new Float32Array(tokens));
    let rows = 0;
    await eachAblatedRow(model, passages, sites, options, (row) => {
      for (const [i, values] of own.entries()) values[rows] = row[first + i]!;
      rows++;
    });
    for (const [i, values] of own.entries())
      found[first + i] = quantileOfSorted(values.subarray(0, rows).sort(), share);
  }
  return found;
}
