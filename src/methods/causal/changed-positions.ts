import type { Site } from "../../core/sites.js";
import type { Model } from "../../model/model.js";
import { isSourceSite } from "../../model/stacks.js";
import { ablatedPositions, countRows, type PositionsName, readAt, rowBatches, rowsRequest } from "./ablated-rows.js";
import type { PassageBatch } from "./batches.js";
import type { Ablation } from "./measure-batch.js";
import type { Passage } from "./passages.js";

/** Where ablations change what a model computes of some passages. */
export interface ChangedPositions {
  /** Ablations × tokens of the passages, one behind the other: 1 where an ablation changes a value, else 0. */
  readonly changed: Uint8Array;
  /** Multiplications and additions of linear maps that finding them took. */
  readonly operations: number;
}

/** What is asked of the model to find them. */
export interface ChangedPositionsOptions {
  readonly positions: PositionsName;
  readonly batchTokens: number;
}

type Part = Ablation["parts"][number];

/** The sites among some that have values which an ablation may leave as they are: those behind a ReLU. */
export function sitesOfZeros(model: Model, sites: readonly Site[]): Site[] {
  const zeros = new Set(model.sites.filter(({ zeros }) => zeros).map(({ name }) => name));
  return sites.filter(({ name }) => zeros.has(name));
}

/** Bytes of values that are looked at in one pass, but for a site that has more by itself. */
const lookBytes = 1 << 25;

/** Sites by the passes in which they are looked at, each with its place in the pass: all together, if there is room. */
export function sitesByPass(sites: readonly Site[], tokens: number): Site[][] {
  const passes: Site[][] = [];
  let offset = 0;
  for (const { name, width } of sites) {
    const [last] = passes.at(-1) ?? [];
    const joins = last && isSourceSite(last.name) === isSourceSite(name) && 4 * tokens * (offset + width) <= lookBytes;
    if (!joins) {
      passes.push([]);
      offset = 0;
    }
    passes.at(-1)!.push({ name, width, offset });
    offset += width;
  }
  return passes;
}

/** Bytes on the host that looking takes: a pass' values and a mark for each ablation, of two batches at a time. */
export function lookingBytes(sites: readonly Site[], tokens: number, ablations: number): number {
  const widths = sitesByPass(sites, tokens).map((own) => own.reduce((sum, { width }) => sum + width, 0));
  return widths.length === 0 ? 0 : 2 * tokens * (4 * Math.max(...widths) + ablations);
}

/**
 * Finds where ablations leave values as they are, such as zeros of a ReLU that they set to zero: runs the model over the
 * passages and looks at what they change. What stands between the first site that an ablation changes and the next is as
 * it was, until a value differs: the untouched model's values tell of all of its sites.
 *
 * @returns null where no ablation is of sites that have such values
 */
export async function findChangedPositions(
  model: Model,
  batch: PassageBatch,
  ablations: readonly Ablation[],
  options: ChangedPositionsOptions,
): Promise<ChangedPositions | null> {
  const zeros = model.sites.flatMap(({ name, width, zeros }) => (zeros ? [{ name, width: width!, offset: 0 }] : []));
  const names = new Set(zeros.map(({ name }) => name));
  const looked = ablations.map(({ parts }) => parts.every((part) => names.has(part.site) && leavesValues(part)));
  if (!looked.includes(true)) return null;
  const changed = new Uint8Array(ablations.length * batch.tokens);
  const mark = new Marker(batch, changed, options.positions);
  let operations = 0;
  ablations.forEach(({ parts }, i) => {
    if (!looked[i]) for (const part of parts) mark.named(i, part);
  });
  const named = new Set(ablations.flatMap(({ parts }, i) => (looked[i] ? parts.map(({ site }) => site) : [])));
  const wanted = zeros.filter(({ name }) => named.has(name));
  for (const sites of sitesByPass(wanted, rowsOf(batch, wanted))) {
    const { values, cost } = await valuesOf(model, batch, sites, options);
    operations += cost;
    const places = new Map(sites.map((site) => [site.name, site]));
    ablations.forEach(({ parts }, i) => {
      for (const part of parts) {
        const site = looked[i] ? places.get(part.site) : undefined;
        if (site) mark.different(i, part, { values, columns: widthOf(sites), site });
      }
    });
  }
  return { changed, operations };
}

/** Whether a change may leave a value as it is. */
function leavesValues({ operation, value }: Part): boolean {
  const known = typeof value === "number" || value instanceof Float32Array;
  return known && (operation === "set" || operation === "scale");
}

/** The values of sites of one stack, side by side, over the tokens of the passages that they have rows of. */
async function valuesOf(model: Model, batch: PassageBatch, sites: readonly Site[], options: ChangedPositionsOptions) {
  const values = new Float32Array(rowsOf(batch, sites) * widthOf(sites));
  let [at, cost] = [0, 0];
  for (const some of rowBatches(batch.passages, sites, options)) {
    using forward = model.forward(rowsRequest(model, some, sites));
    const own = await forward.captured!.values();
    values.set(own, at);
    at += own.length;
    cost += forward.operations;
  }
  return { values, cost };
}

/** Rows that sites have of some passages: the most that one has. */
function rowsOf({ passages }: PassageBatch, sites: readonly Site[]): number {
  return sites.reduce((most, site) => Math.max(most, countRows(passages, [site])), 0);
}

function widthOf(sites: readonly Site[]): number {
  return sites.reduce((sum, { width }) => sum + width, 0);
}

/** Values of a site, which stands in rows of `columns` values. */
interface SiteValues {
  readonly values: Float32Array;
  readonly columns: number;
  readonly site: Site;
}

/** Marks the tokens that ablations change. */
class Marker {
  constructor(
    readonly batch: PassageBatch,
    readonly changed: Uint8Array,
    readonly positions: PositionsName,
  ) {}

  /** All that a part names. */
  named(ablation: number, part: Part): void {
    this.#mark(ablation, part, () => true);
  }

  /** Those of them whose value differs from what it becomes. */
  different(ablation: number, part: Part, { values, columns: all, site }: SiteValues): void {
    const columns = part.columns ?? Array.from({ length: site.width }, (_, column) => column);
    const to = (x: number, i: number) => {
      const number = typeof part.value === "number" ? part.value : (part.value as Float32Array)[i]!;
      return Math.fround(part.operation === "set" ? number : x * number);
    };
    this.#mark(ablation, part, (row) => {
      for (let i = 0; i < columns.length; i++) {
        const x = values[row * all + site.offset + columns[i]!]!;
        if (to(x, i) !== x) return true;
      }
      return false;
    });
  }

  /** @param differs whether a row of the site does; of a source's tokens one is enough for all that read it */
  #mark(ablation: number, part: Part, differs: (row: number) => boolean): void {
    let [row, token] = [0, ablation * this.batch.tokens];
    for (const passage of this.batch.passages) {
      const read = readAt(passage, part.site);
      for (const position of ablatedPositions(read, this.positions) ?? read.ids.keys()) {
        if (!differs(row + position)) continue;
        if (!isOfSource(passage, part)) this.changed[token + position] = 1;
        else this.changed.fill(1, token, token + passage.ids.length);
      }
      row += read.ids.length;
      token += passage.ids.length;
    }
  }
}

function isOfSource(passage: Passage, { site }: Part): boolean {
  return passage.source !== undefined && isSourceSite(site);
}
