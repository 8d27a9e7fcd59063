import { ArgumentError, FileError } from "../core/errors.js";
import type { Site } from "../core/sites.js";
import type { MethodContext } from "../methods/result.js";
import type { ForwardRequest, Model } from "../model/model.js";
import { type Reference, readReference, readReferenceValues } from "../model/reference.js";
import { type ModelSite, selectSites } from "../model/sites.js";
import { isSourceSite } from "../model/stacks.js";

/** How far a site is from the reference's. */
export interface SiteDifference {
  readonly site: string;
  /** The largest difference of two numbers; Infinity where one is not a number. */
  readonly absolute: number;
  /** The same divided by the reference's largest number. */
  readonly relative: number;
}

export interface Verification {
  readonly tolerance: number;
  /** Every site that both have, in the model's order. */
  readonly sites: readonly SiteDifference[];
  /** The site that is farthest, by the lesser of its two differences. */
  readonly worst: SiteDifference;
  /** Whether the lesser difference of every site is within the tolerance. */
  readonly within: boolean;
  /** Sites that the reference lacks. */
  readonly missing: readonly string[];
  /** Tensors of the reference that are no sites. */
  readonly unknown: readonly string[];
}

export interface VerifyOptions {
  /** Default 1e-4. */
  readonly tolerance?: number;
}

/** Numbers of one capture at most. */
const capturedNumbers = 1 << 25;

/**
 * Compares every site of a model with what another implementation computed (bench/peers/export-sites.py exports it).
 *
 * @throws FileError for a file that has no site of the model, or one of another shape; ArgumentError for ids that the
 * model cannot read
 */
export async function verify(
  model: Model,
  path: string,
  { tolerance = 1e-4 }: VerifyOptions = {},
  { signal, onProgress }: MethodContext = {},
): Promise<Verification> {
  if (!(tolerance >= 0)) throw new ArgumentError("tolerance", "a number from 0 on", tolerance);
  const reference = await readReference(path);
  const shared = model.sites.filter(({ name }) => reference.tensors.has(name));
  if (shared.length === 0)
    throw new FileError(path, `Expected a tensor named as a site of ${model.name} but there is none`);
  const found = new Map<string, SiteDifference>();
  for (const group of groupsOf(shared, reference)) {
    signal?.throwIfAborted();
    for (const difference of await compare(model, reference, group)) found.set(difference.site, difference);
    onProgress?.(found.size, shared.length, "sites");
  }
  const sites = shared.map(({ name }) => found.get(name)!);
  const worst = sites.reduce((most, site) => (lesser(site) > lesser(most) ? site : most));
  const known = new Set(model.sites.map(({ name }) => name));
  return {
    tolerance,
    sites,
    worst,
    within: lesser(worst) <= tolerance,
    missing: [...known].filter((name) => !reference.tensors.has(name)),
    unknown: [...reference.tensors.keys()].filter((name) => !known.has(name)),
  };
}

/** Sites that are captured together: of one stack, and not too many. */
function* groupsOf(sites: readonly ModelSite[], { sequences, sources }: Reference): Generator<readonly ModelSite[]> {
  for (const ofSources of [true, false]) {
    const read = ofSources ? sources : sequences;
    const tokens = read.reduce((sum, { length }) => sum + length, 0);
    let group: ModelSite[] = [];
    let columns = 0;
    for (const site of sites.filter(({ name, width }) => width !== null && isSourceSite(name) === ofSources)) {
      if (group.length > 0 && tokens * (columns + site.width!) > capturedNumbers) {
        yield group;
        [group, columns] = [[], 0];
      }
      group.push(site);
      columns += site.width!;
    }
    if (group.length > 0) yield group;
  }
  for (const site of sites.filter(({ width }) => width === null)) yield [site];
}

async function compare(model: Model, reference: Reference, group: readonly ModelSite[]): Promise<SiteDifference[]> {
  const { sequences, sources } = reference;
  const read: ForwardRequest = { sequences, ...(sources.length > 0 && { sources }) };
  const [first] = group;
  if (first?.width === null) {
    using forward = model.forward({ ...read, scores: [first.name] });
    const parts = await forward.scores(first.name);
    return [
      await differenceOf(
        reference,
        first.name,
        parts.flatMap((part) => Array.from(part)),
      ),
    ];
  }
  const sites = selectSites(
    model.sites,
    group.map(({ name }) => name),
  );
  using forward = model.forward({ ...read, capture: { sites } });
  const { rows, columns } = forward.captured!;
  const matrix = await forward.captured!.values();
  const everyRow = Array.from({ length: rows }, (_, row) => row);
  const differences: SiteDifference[] = [];
  for (const site of sites) {
    const bySequence = group.find(({ name }) => name === site.name)?.rows === "sequence";
    const own = bySequence ? Array.from(forward.starts.subarray(0, -1)) : everyRow;
    differences.push(await differenceOf(reference, site.name, cut(matrix, columns, own, site)));
  }
  return differences;
}

function cut(matrix: Float32Array, columns: number, rows: readonly number[], { offset, width }: Site): Float32Array {
  const values = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    values.set(matrix.subarray(row * columns + offset, row * columns + offset + width), i * width);
  });
  return values;
}

async function differenceOf(
  { path, tensors }: Reference,
  site: string,
  values: ArrayLike<number>,
): Promise<SiteDifference> {
  const entry = tensors.get(site)!;
  const expected = await readReferenceValues(entry);
  if (expected.length !== values.length) {
    const shape = `[${entry.shape.join(", ")}]`;
    throw new FileError(path, `Expected ${values.length} numbers for ${site} but its shape is ${shape}`);
  }
  let [absolute, largest] = [0, 0];
  expected.forEach((value, i) => {
    const difference = Math.abs(value - values[i]!);
    absolute = Math.max(absolute, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    if (Math.abs(value) > largest) largest = Math.abs(value);
  });
  return { site, absolute, relative: absolute === 0 ? 0 : absolute / largest };
}

/** Numbers far above 1 cannot be within an absolute difference, and those near 0 not within a relative one. */
function lesser({ absolute, relative }: SiteDifference): number {
  return Math.min(absolute, relative);
}
