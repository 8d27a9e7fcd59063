import { ArgumentError } from "../core/errors.js";
import type { Intervention, NeuronValues } from "./interventions.js";
import { findSite, type ModelSite, selectSites } from "./sites.js";

/** A site that a table is made for. */
export interface ChangedSite {
  readonly name: string;
  /** Columns; of attention scores those of one sequence. */
  readonly width: number;
  /** Its heads, for sites that have some. */
  readonly heads: number | null;
}

/** The sites that an intervention names. @throws ArgumentError for one that the model lacks */
export function sitesOf({ site }: Pick<Intervention, "site">, sites: readonly ModelSite[]): readonly ModelSite[] {
  if (!/[*]|\d-\d/.test(site)) return [findSite(sites, site)];
  return selectSites(sites, site);
}

/**
 * Heads of a site: query heads, or the key heads of keys and values; null for a site that is not of heads.
 *
 * @param heads query heads of the model
 */
export function headsOf(site: ModelSite, sites: readonly ModelSite[], heads: number): number | null {
  const [, at, part] = /^(.*\.)(query|key|value|heads|scores)$/.exec(site.name) ?? [];
  if (part === "scores") return heads;
  const concatenated = sites.find(({ name }) => name === `${at}heads`);
  if (part === undefined || heads === 0 || !concatenated?.width) return null;
  return part === "key" || part === "value" ? site.width! / (concatenated.width / heads) : heads;
}

/** The columns that an intervention means; undefined: all. @throws ArgumentError for one that is not there */
export function columnsOf({ columns, heads }: Intervention, site: ChangedSite): ArrayLike<number> | undefined {
  if (columns && heads) throw new ArgumentError("heads", "heads or columns, not both", heads);
  if (heads) return columnsOfHeads(heads, site);
  if (columns) checkColumns(columns, site);
  return columns;
}

function columnsOfHeads(heads: readonly number[], { name, width, heads: count }: ChangedSite): number[] {
  if (count === null) throw new ArgumentError("heads", "a site of attention heads", name);
  const size = width / count;
  return heads.flatMap((head) => {
    if (!(Number.isInteger(head) && head >= 0 && head < count)) {
      throw new ArgumentError(`heads of ${name}`, `heads from 0 to ${count - 1}`, head);
    }
    return Array.from({ length: size }, (_, column) => head * size + column);
  });
}

function checkColumns(columns: ArrayLike<number>, { name, width }: ChangedSite): void {
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    if (Number.isInteger(column) && column >= 0 && column < width) continue;
    throw new ArgumentError("neuron", `${name}:0 to ${name}:${width - 1}`, `${name}:${column}`);
  }
}

/** The columns of some values that belong to the neurons of a site. @throws ArgumentError where they lack one */
export function columnsIn(
  { sites }: NeuronValues,
  site: ChangedSite,
  columns: ArrayLike<number> | undefined,
): number[] {
  const own = sites.find(({ name }) => name === site.name);
  if (own === undefined) {
    throw new ArgumentError("value", `values of ${site.name}`, sites.map(({ name }) => name).join(", "));
  }
  if (own.width !== site.width) throw new ArgumentError("value", `${site.width} values of ${site.name}`, own.width);
  return Array.from(columns ?? { length: site.width }, (column, i) => own.offset + (columns ? column : i));
}
