import { ArgumentError } from "../core/errors.js";
import { checkKnown } from "../core/suggest.js";
import { interventionTable, type MatrixChange } from "../kernels/intervene.js";
import { type Batch, lengthOf, type Run, rowsAt, runOfSequences, splitBySteps } from "./batch.js";
import type { Intervention, Operation } from "./interventions.js";
import { findSite, layerOf, type ModelSite } from "./sites.js";
import type { SitePlace } from "./stacks.js";

/** A batch's interventions as kernels read them. */
export interface InterventionTable {
  readonly entries: Uint32Array;
  /** Columns that entries list. */
  readonly listed: Uint32Array;
  /** Values per column that entries read. */
  readonly vectors: Float32Array;
  /** Where the entries of a site (of a recurrent one: `SITE@STEP`) lie: first entry and count. */
  readonly groups: ReadonlyMap<string, { readonly first: number; readonly count: number }>;
}

/** A change without its rows. */
type Change = Omit<MatrixChange, "rows">;

/**
 * Turns interventions into the table that `intervene` reads.
 *
 * @param span columns per head of attention scores on the device
 * @throws ArgumentError for a site, sequence, position or column that is not there, or values that do not fit
 */
export function makeTable(
  interventions: readonly Intervention[],
  sites: readonly ModelSite[],
  placeOf: (site: string) => SitePlace,
  span: number,
): InterventionTable {
  const maker = new TableMaker(span);
  for (const intervention of interventions) {
    maker.add(intervention, findSite(sites, intervention.site), placeOf(intervention.site));
  }
  return maker.finish();
}

/** The group of a time step's entries. */
export function stepGroup(site: string, step: number): string {
  return `${site}@${step}`;
}

class TableMaker {
  readonly #groups = new Map<string, MatrixChange[]>();
  readonly #listed: number[] = [];
  readonly #vectors: number[] = [];

  constructor(readonly span: number) {}

  add(intervention: Intervention, site: ModelSite, place: SitePlace): void {
    checkKnown<Operation>("operation", intervention.operation, ["set", "add", "scale", "project"]);
    if (site.width === null) this.#addScores(intervention, place);
    else if (site.rows === "sequence") this.#addSequences(intervention, site.width, place.batch);
    else this.#addSite(intervention, site.width, place.batch);
  }

  finish(): InterventionTable {
    const groups = new Map<string, { first: number; count: number }>();
    let first = 0;
    for (const [name, entries] of this.#groups) {
      groups.set(name, { first, count: entries.length });
      first += entries.length;
    }
    return {
      entries: interventionTable([...this.#groups.values()].flat()),
      listed: Uint32Array.from(this.#listed),
      vectors: Float32Array.from(this.#vectors),
      groups,
    };
  }

  #addSite(intervention: Intervention, width: number, batch: Batch): void {
    const runs = rowsAt(batch, intervention.sequence, intervention.positions);
    for (const change of this.#changesOf(intervention, width)) this.#push(intervention.site, runs, change, batch);
  }

  /** A site with one row per sequence. */
  #addSequences(intervention: Intervention, width: number, batch: Batch): void {
    const { site, sequence, positions } = intervention;
    if (positions) throw new ArgumentError("positions", `none at ${site}, which has one row per sequence`, positions);
    const runs = [runOfSequences(batch, sequence)];
    for (const change of this.#changesOf(intervention, width)) this.#push(site, runs, change, batch);
  }

  /** Scores lie with `span` columns per head, whatever a sequence's length. */
  #addScores(intervention: Intervention, { batch, keys, heads }: SitePlace): void {
    const [first, end] = runOfSequences(batch, intervention.sequence);
    for (let sequence = first; sequence < end; sequence++) {
      const runs = rowsAt(batch, sequence, intervention.positions);
      const columns = this.#placeScores(intervention.columns, lengthOf(keys, sequence), heads);
      for (const change of this.#changesOf({ ...intervention, columns }, heads * this.span)) {
        this.#push(intervention.site, runs, change, batch);
      }
    }
  }

  /** head · length + key → head · span + key. */
  #placeScores(columns: Intervention["columns"], length: number, heads: number): number[] {
    const given = columns === undefined ? Array.from({ length: heads * length }, (_, i) => i) : Array.from(columns);
    checkColumns(given, heads * length);
    return given.map((column) => Math.floor(column / length) * this.span + (column % length));
  }

  #push(site: string, runs: readonly Run[], change: Change, batch: Batch): void {
    const stepwise = batch.steps.length > 0 && layerOf(site) !== null;
    for (const run of runs) {
      if (!stepwise) this.#group(site).push({ ...change, rows: run });
      else this.#pushSteps(site, run, change, batch);
    }
  }

  #pushSteps(site: string, run: Run, change: Change, batch: Batch): void {
    for (const { step, run: rows } of splitBySteps(batch, run)) {
      this.#group(stepGroup(site, step)).push({ ...change, rows });
    }
  }

  #group(name: string): MatrixChange[] {
    const group = this.#groups.get(name) ?? [];
    this.#groups.set(name, group);
    return group;
  }

  #changesOf({ operation, value, columns }: Intervention, width: number): Change[] {
    const place = this.#placeColumns(columns, width);
    const count = place.columns[1] - place.columns[0];
    if (typeof value === "number") {
      if (operation === "project") throw new ArgumentError("value", "a direction, one number per column", value);
      return [{ ...place, operation, amount: value }];
    }
    if (value.length !== count) throw new ArgumentError("value", `a number for each of ${count} columns`, value);
    if (operation === "scale") return this.#scaleEach(value, columns, width);
    const vector = { offset: this.#vectors.length, step: 0 };
    if (operation !== "project") {
      this.#keep(value);
      return [{ ...place, operation: operation === "set" ? "replace" : "accumulate", vector }];
    }
    const length = Math.sqrt(value.reduce((sum, part) => sum + part * part, 0));
    if (!(length > 0)) throw new ArgumentError("value", "a direction that is not zero", value);
    this.#keep(value.map((part) => part / length));
    return [{ ...place, operation, amount: -1, vector }];
  }

  #keep(vector: Float32Array): void {
    for (const value of vector) this.#vectors.push(value);
  }

  /** The kernel scales by one number only. */
  #scaleEach(factors: Float32Array, columns: Intervention["columns"], width: number): Change[] {
    return Array.from(factors, (amount, i) => {
      const place = this.#placeColumns([columns?.[i] ?? i], width);
      return { ...place, operation: "scale", amount };
    });
  }

  #placeColumns(columns: Intervention["columns"], width: number): Pick<Change, "columns" | "listed"> {
    if (columns === undefined) return { columns: [0, width] };
    checkColumns(columns, width);
    const first = columns[0] ?? 0;
    if (Array.from(columns).every((column, i) => column === first + i)) {
      return { columns: [first, first + columns.length] };
    }
    const start = this.#listed.length;
    for (let i = 0; i < columns.length; i++) this.#listed.push(columns[i]!);
    return { columns: [start, start + columns.length], listed: true };
  }
}

function checkColumns(columns: ArrayLike<number>, width: number): void {
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    if (Number.isInteger(column) && column >= 0 && column < width) continue;
    throw new ArgumentError("columns", `columns from 0 to ${width - 1}`, column);
  }
}
