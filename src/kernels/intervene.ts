import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce } from "./run-once.js";

/**
 * What happens to an element x, with an amount a and an element v of a vector; an operation's place here is its
 * number: set x = a · scale x = a·x · add x = x + a · replace x = v · accumulate x = x + a·v ·
 * project x = x + a·(x·v)·v, where x·v is the dot product over the entry's columns (a = −1 and a unit vector: off
 * a direction).
 */
export const matrixOperations = ["set", "scale", "add", "replace", "accumulate", "project"] as const;
export type MatrixOperation = (typeof matrixOperations)[number];

/** A change of part of a matrix. */
export interface MatrixChange {
  readonly rows: readonly [first: number, end: number];
  /** A run of columns; with `listed`, a run of entries of the table's list of columns, no column twice. */
  readonly columns: readonly [first: number, end: number];
  readonly listed?: true;
  readonly operation: MatrixOperation;
  /** a; default 0 for set, 1 otherwise. */
  readonly amount?: number;
  /** Where v starts among the table's values, and how far apart its rows are (0: the same v for every row). */
  readonly vector?: { readonly offset: number; readonly step: number };
}

/** Words of one entry of the table. */
export const entryWords = 8;

/** What the number of an operation has added where the entry's columns are listed. */
export const listedColumns = 256;

/**
 * The intervention table: `count` entries (`interventionTable`), carried out in order on parts of a
 * rows × width matrix, in place. An entry that reaches past the matrix is an error on native; on a GPU what is
 * past it stays untouched.
 */
export const interveneKernel = describeKernel({
  name: "intervene",
  operands: {
    x: { type: "f32", access: "update" },
    entries: { type: "u32", access: "read" },
    columns: { type: "u32", access: "read", optional: true },
    values: { type: "f32", access: "read", optional: true },
  },
  parameters: { rows: "u32", width: "u32", count: "u32" },
  groups: ({ rows, count }) => (count === 0 ? 0 : rows),
  axes: { rows: { x: 0 }, count: { entries: 0 } },
  whole: ["rows", "count"],
});

/** Writes changes as the kernel's `entries`: eight words each. */
export function interventionTable(changes: readonly MatrixChange[]): Uint32Array {
  const table = new Uint32Array(changes.length * entryWords);
  const floats = new Float32Array(table.buffer);
  changes.forEach(({ rows, columns, listed, operation, amount = operation === "set" ? 0 : 1, vector }, i) => {
    const at = i * entryWords;
    table[at] = rows[0];
    table[at + 1] = rows[1];
    table[at + 2] = columns[0];
    table[at + 3] = columns[1];
    table[at + 4] = matrixOperations.indexOf(operation) + (listed ? listedColumns : 0);
    floats[at + 5] = amount;
    table[at + 6] = vector?.offset ?? 0;
    table[at + 7] = vector?.step ?? 0;
  });
  return table;
}

export interface InterveneInput {
  /** rows × width. */
  readonly x: Float32Array;
  readonly width: number;
  readonly changes: readonly MatrixChange[];
  /** What `listed` changes pick from. */
  readonly columns?: Uint32Array;
  /** The vectors of all changes. */
  readonly values?: Float32Array;
}

/** A matrix after all changes, in order. @throws ArgumentError for a change that reaches past what it is given */
export async function intervene(device: Device, input: InterveneInput): Promise<Float32Array> {
  const { x, width, changes, columns, values } = input;
  const rows = Math.floor(x.length / width);
  for (const change of changes) checkChange(change, rows, input);
  const entries = interventionTable(changes);
  const result = await runOnce(
    device,
    interveneKernel,
    {
      x: given(x, [rows, width], "x"),
      entries: given(entries, [changes.length, entryWords]),
      ...(columns && { columns: given(columns, [columns.length]) }),
      ...(values && { values: given(values, [values.length]) }),
    },
    { rows, width, count: changes.length },
  );
  return result.x as Float32Array;
}

function checkChange(change: MatrixChange, rows: number, { width, columns, values }: InterveneInput): void {
  checkRun("rows", change.rows, rows);
  checkRun("columns", change.columns, change.listed ? (columns?.length ?? 0) : width);
  const picked = change.listed ? columns?.subarray(...change.columns) : undefined;
  const stranger = picked?.find((column) => column >= width);
  if (stranger !== undefined) throw new ArgumentError("columns", `numbers below ${width}`, stranger);
  const needsVector = matrixOperations.indexOf(change.operation) > 2;
  if (!needsVector) return;
  const { offset, step } = change.vector ?? { offset: 0, step: 0 };
  const count = change.rows[1] - change.rows[0];
  const end = count === 0 ? 0 : offset + (count - 1) * step + change.columns[1] - change.columns[0];
  if (end > (values?.length ?? 0)) throw new ArgumentError("values", `at least ${end} numbers`, values?.length ?? 0);
}

function checkRun(name: string, [first, end]: readonly [number, number], limit: number): void {
  if (first > end || end > limit || first < 0) throw new ArgumentError(name, `a run in 0 … ${limit}`, [first, end]);
}
