import { ArgumentError } from "../../core/errors.js";
import { neuronName, type Site } from "../../core/sites.js";
import { checkKnown } from "../../core/suggest.js";
import { placeOf } from "../../model/intervene.js";
import type { Model } from "../../model/model.js";
import { selectSites } from "../../model/sites.js";

/** Neurons whose value, or mean value, is to be as large as possible. */
export interface Target {
  readonly neurons: readonly string[];
  /** Columns of the sites, side by side. */
  readonly columns: readonly number[];
}

/** What is to be read, and of which neurons it says what. */
export interface Targets {
  readonly sites: readonly Site[];
  readonly targets: readonly Target[];
}

/**
 * The neurons that some names mean: `SITE:INDEX`, `SITE:FIRST-LAST`, or a whole SITE; each once, in the order of the names.
 *
 * @param together `mean`: they are one target
 * @throws ArgumentError for a name that means none
 */
export function readTargets(model: Model, names: readonly string[], together: "separate" | "mean"): Targets {
  if (names.length === 0) throw new ArgumentError("neurons", "at least one, such as layers.3.mlp.hidden:871", "none");
  const places = names.map((name) => ({ name, ...placeOf(name) }));
  const known = model.sites.filter(({ width }) => width !== null).map(({ name }) => name);
  for (const { name, site, heads } of places) {
    if (heads) throw new ArgumentError("neuron", "SITE:INDEX, such as layers.3.mlp.hidden:871", name);
    checkKnown("neuron", site, known);
  }
  const sites = selectSites(model.sites, [...new Set(places.map(({ site }) => site))]);
  const columns = places.flatMap(({ name, site, columns }) => columnsOf(name, sites.find((one) => one.name === site)!, columns)); // biome-ignore format: one line
  const all = [...new Set(columns)];
  const named = all.map((column) => neuronName(sites, column));
  if (together === "mean") return { sites, targets: [{ neurons: named, columns: all }] };
  return { sites, targets: all.map((column, i) => ({ neurons: [named[i]!], columns: [column] })) };
}

function columnsOf(name: string, { name: site, width, offset }: Site, columns?: ArrayLike<number>): number[] {
  const own = columns ? Array.from(columns) : Array.from({ length: width }, (_, column) => column);
  if (own.some((column) => column >= width))
    throw new ArgumentError("neuron", `${site}:0 to ${site}:${width - 1}`, name);
  return own.map((column) => offset + column);
}

/** The mean of a target's neurons in each row. @throws ArgumentError for a number that is not finite */
export function valuesOf(values: Float32Array, rows: number, { neurons, columns }: Target): Float64Array {
  const width = values.length / rows;
  const means = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (const column of columns) sum += values[row * width + column]!;
    if (!Number.isFinite(sum)) throw new ArgumentError(neurons.join(", "), "finite activations", sum);
    means[row] = sum / columns.length;
  }
  return means;
}
