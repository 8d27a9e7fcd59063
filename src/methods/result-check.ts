import { FileError } from "../core/errors.js";
import { suggest } from "../core/suggest.js";
import { isNumberArray, type NumberArray } from "./json.js";
import { isOrder } from "./order.js";
import type { Provenance } from "./result.js";

/** What every result has, whatever its kind. */
export interface AnyResult {
  readonly kind: string;
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly provenance: Provenance;
}

/** The kinds of results that files hold. */
const resultKinds = [
  "ranking",
  "grouping",
  "similarity",
  "explanation",
  "evaluation",
  "contexts",
  "alignment",
  "maximization",
] as const;

const typedFields: Readonly<Record<string, new (values: readonly number[]) => NumberArray>> = {
  order: Uint32Array,
  scores: Float64Array,
  signs: Int8Array,
  chance: Float64Array,
  ceiling: Float64Array,
  adjusted: Float64Array,
  precision: Float64Array,
  recall: Float64Array,
  phi: Float64Array,
  p: Float64Array,
  q: Float64Array,
  familywise: Float64Array,
  on_p50: Float64Array,
  on_p90: Float64Array,
  off_mean: Float64Array,
  r2: Float64Array,
  low: Float64Array,
  high: Float64Array,
  damage: Float64Array,
  effects: Float64Array,
  labels: Int32Array,
};

/** Fields that have typed fields of their own. */
const nested: readonly string[] = ["intervals", "others", "interactions"];

/**
 * The result that a JSON value of `path` is, with its typed arrays.
 *
 * @throws FileError if it is none: an unknown kind, a field that is missing or of a wrong length
 */
export function checkResult(path: string, read: unknown): AnyResult {
  if (!isRecord(read)) throw new FileError(path, "is not a result of this program: expected a JSON object");
  const { kind, method, options, provenance } = read;
  if (typeof kind !== "string" || !(resultKinds as readonly string[]).includes(kind)) {
    const near = typeof kind === "string" ? suggest(kind, resultKinds) : "";
    const kinds = `${resultKinds.join(", ")}${near}`;
    throw new FileError(path, `is not a result of this program: expected kind to be one of ${kinds}`);
  }
  if (typeof method !== "string") throw new FileError(path, `is not a whole ${kind}: method is missing`);
  if (!isRecord(options)) throw new FileError(path, `is not a whole ${kind}: options is missing`);
  if (!isProvenance(provenance)) throw new FileError(path, `is not a whole ${kind}: provenance is missing`);
  const revived = revive(read, path, "");
  if (kind === "ranking" || kind === "grouping") checkColumns(path, kind, revived);
  return { ...revived, kind, method, options, provenance };
}

function revive(value: Readonly<Record<string, unknown>>, path: string, within: string): Record<string, unknown> {
  const entries = Object.entries(value).map(([name, field]): [string, unknown] => {
    const type = Object.hasOwn(typedFields, name) ? typedFields[name] : undefined;
    if (type && Array.isArray(field)) return [name, new type(numbers(field, path, `${within}${name}`))];
    if (name === "values" && isRecord(field)) return [name, reviveAll(field, path)];
    if (nested.includes(name) && isRecord(field)) return [name, revive(field, path, `${within}${name}.`)];
    return [name, field];
  });
  return Object.fromEntries(entries);
}

function reviveAll(values: Readonly<Record<string, unknown>>, path: string): Record<string, unknown> {
  const revived = ([name, value]: [string, unknown]): [string, unknown] => [
    name,
    isRecord(value) ? revive(value, path, `values.${name}.`) : value,
  ];
  return Object.fromEntries(Object.entries(values).map(revived));
}

function numbers(field: readonly unknown[], path: string, name: string): readonly number[] {
  const wrong = field.findIndex((value) => typeof value !== "number");
  if (wrong >= 0) throw new FileError(path, `${name}[${wrong}] is not a number`);
  return field as readonly number[];
}

function checkColumns(path: string, kind: "ranking" | "grouping", result: Record<string, unknown>): void {
  const { sites } = result;
  if (!Array.isArray(sites)) throw new FileError(path, `is not a whole ${kind}: sites is missing`);
  const columns = sites.reduce((sum: number, site) => sum + (isRecord(site) ? Number(site.width) : Number.NaN), 0);
  for (const name of kind === "ranking" ? ["order", "scores"] : ["labels"]) {
    const field = result[name];
    const length = isNumberArray(field) ? field.length : 0;
    if (length === columns) continue;
    throw new FileError(path, `is not a whole ${kind}: its sites have ${columns} columns but ${name} has ${length}`);
  }
  if (kind === "grouping" && !Array.isArray(result.groups)) {
    throw new FileError(path, "is not a whole grouping: groups is missing");
  }
  if (result.order instanceof Uint32Array && !isOrder(result.order)) {
    throw new FileError(path, "is not a whole ranking: order does not name every column once");
  }
}

function isProvenance(value: unknown): value is Provenance {
  return isRecord(value) && typeof value.version === "string" && typeof value.device === "string";
}

/** Whether a value is an object with named fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
