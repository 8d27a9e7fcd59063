import { ArgumentError } from "../../core/errors.js";
import type { Site } from "../../core/sites.js";
import { spanOf } from "../../model/directions.js";
import type { NeuronRows } from "../../model/interventions.js";
import type { Change } from "./replacement.js";

/** The site of an array that names none. */
const bare = "activations";

/**
 * What takes neurons off some directions: x without its part in the span of the directions, of which a unit sees its own
 * columns only. A unit whose part of them is zero keeps its values; one of a single neuron becomes 0.
 *
 * @param directions a direction a row. Of values that name no sites, a site takes those that are as wide as it is, or, of
 *   those as wide as all sites together, its own columns
 * @throws ArgumentError for directions that are not of these sites, or hold what is not a number
 */
export function offDirections(
  directions: NeuronRows,
  sites: readonly Site[],
): (site: Site, columns: Uint32Array) => Change {
  const stranger = directions.values.find((value) => !Number.isFinite(value));
  if (stranger !== undefined) throw new ArgumentError("directions", "finite numbers", stranger);
  const offsets = new Map(sites.map((site) => [site.name, offsetOf(site, directions, sites)]));
  const width = widthOf(directions.sites);
  return ({ name }, columns) => {
    const own = Array.from(columns, (column) => offsets.get(name)! + column);
    const rows = Array.from({ length: directions.values.length / width }, (_, row) => row * width);
    const parts = rows.flatMap((row) => own.map((column) => directions.values[row + column]!));
    const span = spanOf(Float32Array.from(parts), columns.length);
    return span.length === 0 ? { operation: "add", value: 0 } : { operation: "project", value: sideBySide(span) };
  };
}

/** Where the numbers of a site begin in a row. */
function offsetOf(site: Site, { sites: given }: NeuronRows, sites: readonly Site[]): number {
  const named = given.find(({ name }) => name === site.name);
  if (named?.width === site.width) return named.offset;
  const width = widthOf(given);
  if (given.length === 1 && given[0]!.name === bare) {
    if (width === site.width) return 0;
    if (width === widthOf(sites)) return site.offset;
  }
  const all = sites.length > 1 ? ` (or for all ${widthOf(sites)} of the sites)` : "";
  const found = given.map(({ name, width }) => (name === bare ? `${width} numbers` : `${width} of ${name}`)).join(", ");
  throw new ArgumentError("directions", `a number for each of the ${site.width} neurons of ${site.name}${all}`, found);
}

function widthOf(sites: readonly Site[]): number {
  return sites.reduce((sum, { width }) => sum + width, 0);
}

function sideBySide(directions: readonly Float32Array[]): Float32Array {
  return Float32Array.from(directions.flatMap((direction) => [...direction]));
}
