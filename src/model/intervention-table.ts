import { ArgumentError } from "../core/errors.js";
import { checkKnown } from "../core/suggest.js";
import { type Batch, type Run, rowsAt, rowsOf, runOfSequences, runsOf, type Token, tokensAt } from "./batch.js";
import { orthonormalize } from "./directions.js";
import { type ChangedSite, columnsOf, headsOf, sitesOf } from "./intervention-columns.js";
import { type Change, type EntryGroup, InterventionEntries } from "./intervention-entries.js";
import { type RowOperation, rowOperations, rowValues, vectorOf } from "./intervention-rows.js";
import type { Intervention, Operation } from "./interventions.js";
import { layerOf, type ModelSite } from "./sites.js";
import type { SitePlace } from "./stacks.js";

/** A batch's interventions as kernels read them. */
export interface InterventionTable {
  readonly entries: Uint32Array;
  /** Columns that entries list. */
  readonly listed: Uint32Array;
  /** Values per column that entries read. */
  readonly vectors: Float32Array;
  /** Where the entries of a site (of a recurrent one: `SITE@STEP`) lie: first entry and count. */
  readonly groups: ReadonlyMap<string, EntryGroup>;
  /** The sites that are changed. */
  readonly sites: ReadonlySet<string>;
}

/** Where a site's rows are; its heads where it has some. */
type Place = Pick<SitePlace, "batch" | "keys"> & { readonly heads: number | null };

const operations = ["set", "add", "scale", "project", ...rowOperations] as const satisfies readonly Operation[];

/**
 * Turns interventions into the table that `intervene` reads.
 *
 * @param placeOf where a site's rows lie; null for a site that this batch does not reach
 * @param span columns per head of attention scores on the device
 * @throws ArgumentError for a site, sequence, position, head or column that is not there, or values that do not fit
 */
export function makeTable(
  interventions: readonly Intervention[],
  sites: readonly ModelSite[],
  placeOf: (site: string) => SitePlace | null,
  span: number,
): InterventionTable {
  const maker = new TableMaker(span);
  const places = new Map<ModelSite, Place | null>();
  for (const intervention of interventions) {
    for (const site of sitesOf(intervention, sites)) {
      if (!places.has(site)) {
        const place = placeOf(site.name);
        places.set(site, place && { ...place, heads: headsOf(site, sites, place.heads) });
      }
      const place = places.get(site);
      if (place) maker.add(intervention, site, place);
    }
  }
  return maker.finish();
}

/** The changes of a recurrent layer's hidden states that its own next step alone sees. */
export function recurrenceOf(hidden: string): string {
  return `${hidden}.recurrence`;
}

class TableMaker {
  readonly #entries = new InterventionEntries();
  readonly #changed = new Set<string>();
  readonly #listed: number[] = [];
  readonly #vectors: Float32Array[] = [];
  #vectorElements = 0;
  /** The site that entries are of, or what of it they reach. */
  #into = "";

  constructor(readonly span: number) {}

  add(intervention: Intervention, { name, width, rows }: ModelSite, { batch, keys, heads }: Place): void {
    const operation = checkKnown<Operation>("operation", intervention.operation, operations);
    const rowwise = rowOperations.find((known) => known === operation);
    if (intervention.reach !== undefined) checkReach(intervention, name, batch);
    this.#into = intervention.reach === undefined ? name : recurrenceOf(name);
    this.#changed.add(this.#into);
    if (width === null) this.#addScores(intervention, name, { batch, keys, heads });
    else {
      const [site, tokens] = [{ name, width, heads }, () => meantTokens(intervention, batch, rows === "sequence")];
      if (rowwise) this.#addRows(intervention, rowwise, site, { batch, tokens: tokens() });
      else
        this.#addSite(
          intervention,
          site,
          batch,
          rows === "sequence" ? runsOf(rowsOf(tokens())) : rowsAt(batch, intervention.sequence, intervention.positions),
        );
    }
  }

  finish(): InterventionTable {
    const vectors = new Float32Array(this.#vectorElements);
    let at = 0;
    for (const vector of this.#vectors) {
      vectors.set(vector, at);
      at += vector.length;
    }
    return { ...this.#entries.finish(), listed: Uint32Array.from(this.#listed), vectors, sites: this.#changed };
  }

  #addSite(intervention: Intervention, site: ChangedSite, batch: Batch, runs: readonly Run[]): void {
    for (const change of this.#changesOf(intervention, site, columnsOf(intervention, site))) {
      this.#push(this.#into, runs, change, batch);
    }
  }

  /** Every token has values of its own. */
  #addRows(
    intervention: Intervention,
    operation: RowOperation,
    site: ChangedSite,
    { batch, tokens }: { readonly batch: Batch; readonly tokens: readonly Token[] },
  ): void {
    const columns = columnsOf(intervention, site);
    const offset = this.#keep(rowValues(intervention, operation, site, { columns, tokens, batch }));
    const place = this.#placeColumns(columns, site.width);
    const step = place.columns[1] - place.columns[0];
    const change = { ...place, operation: operation === "noise" ? "accumulate" : "replace" } as const;
    this.#push(this.#into, runsOf(rowsOf(tokens)), { ...change, vector: { offset, step } }, batch);
  }

  /** Scores lie with `span` columns per head, whatever a sequence's length: head · length + key → head · span + key. */
  #addScores(intervention: Intervention, name: string, { batch, keys, heads }: Place): void {
    const { operation, sequence: meant } = intervention;
    if (rowOperations.some((known) => known === operation)) {
      throw new ArgumentError("operation", `set, add, scale or project for ${name}`, operation);
    }
    const [first, end] = runOfSequences(batch, meant);
    const tokens = tokensAt(batch, meant, intervention.positions);
    for (let sequence = first; sequence < end; sequence++) {
      const runs = runsOf(rowsOf(tokens.filter((token) => token.sequence === sequence)));
      const length = keys[sequence]!;
      const site = { name, width: heads! * length, heads };
      const columns = columnsOf(intervention, site) ?? Array.from({ length: site.width }, (_, i) => i);
      const placed = Array.from(columns, (column) => Math.floor(column / length) * this.span + (column % length));
      for (const change of this.#changesOf(intervention, { ...site, width: heads! * this.span }, placed)) {
        this.#push(name, runs, change, batch);
      }
    }
  }

  #push(site: string, runs: readonly Run[], change: Change, { steps }: Batch): void {
    if (steps.length === 0 || layerOf(site) === null) {
      this.#entries.add(this.#entries.group(site, null), runs, change);
      return;
    }
    this.#entries.addSteps(this.#entries.group(site, steps.length), runs, change, steps);
  }

  /** The changes of an operation that is the same for every token. */
  #changesOf({ operation, value }: Intervention, site: ChangedSite, columns: ArrayLike<number> | undefined): Change[] {
    const place = this.#placeColumns(columns, site.width);
    if (operation === "project") {
      if (!(value instanceof Float32Array))
        throw new ArgumentError("value", "a direction, one number per column", value);
      const directions = orthonormalize(value, columns?.length ?? site.width);
      return directions.map((direction) => ({ ...place, operation, amount: -1, vector: this.#vector(direction) }));
    }
    const number = typeof value === "number" ? value : vectorOf(value, site, columns);
    if (operation === "scale" && typeof number !== "number") return this.#scaleEach(number, columns, site.width);
    if (typeof number === "number")
      return [{ ...place, operation: operation as "set" | "add" | "scale", amount: number }];
    return [{ ...place, operation: operation === "set" ? "replace" : "accumulate", vector: this.#vector(number) }];
  }

  /** The same numbers for every row. */
  #vector(values: Float32Array): { offset: number; step: number } {
    return { offset: this.#keep(values), step: 0 };
  }

  #keep(values: Float32Array): number {
    const offset = this.#vectorElements;
    this.#vectors.push(values);
    this.#vectorElements += values.length;
    return offset;
  }

  /** The kernel scales by one number only. */
  #scaleEach(factors: Float32Array, columns: ArrayLike<number> | undefined, width: number): Change[] {
    return Array.from(factors, (amount, i) => {
      const place = this.#placeColumns([columns?.[i] ?? i], width);
      return { ...place, operation: "scale", amount };
    });
  }

  #placeColumns(columns: ArrayLike<number> | undefined, width: number): Pick<Change, "columns" | "listed"> {
    if (columns === undefined) return { columns: [0, width] };
    const first = columns[0] ?? 0;
    if (Array.from(columns).every((column, i) => column === first + i)) {
      return { columns: [first, first + columns.length] };
    }
    const start = this.#listed.length;
    for (let i = 0; i < columns.length; i++) this.#listed.push(columns[i]!);
    return { columns: [start, start + columns.length], listed: true };
  }
}

/** @throws ArgumentError for a reach that is none, or a site that no next step reads */
function checkReach({ reach }: Intervention, site: string, { steps }: Batch): void {
  if (reach !== "recurrence") throw new ArgumentError("reach", "recurrence", reach);
  if (steps.length > 0 && site.endsWith(".hidden")) return;
  throw new ArgumentError("reach", "nothing but at the site hidden of a recurrent layer", site);
}

/** The tokens that an intervention means; of a site with one row per sequence, the sequences. */
function meantTokens({ site, sequence, positions }: Intervention, batch: Batch, sequences: boolean): Token[] {
  if (!sequences) return tokensAt(batch, sequence, positions);
  if (positions) throw new ArgumentError("positions", `none at ${site}, which has one row per sequence`, positions);
  const [first, end] = runOfSequences(batch, sequence);
  return Array.from({ length: end - first }, (_, i) => ({ row: first + i, sequence: first + i, position: 0 }));
}
