import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { rejectNan } from "./masks.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * Every column sorted by descending value with its rows: pairs (row, key), where the key falls as the value grows
 * and is equal for equal values (−0 = +0), which keep the order of their rows. `nan` is the first row of each
 * column that holds NaN. `spare` is working memory.
 */
export const sortKernel = describeKernel({
  name: "sort",
  operands: {
    x: { type: "f32", access: "read" },
    sorted: { type: "u32", access: "write" },
    spare: { type: "u32", access: "write" },
    nan: { type: "u32", access: "write" },
  },
  parameters: { rows: "u32", columns: "u32" },
  groups: ({ columns }) => columns,
  axes: { columns: { x: 0, sorted: 0, spare: 0, nan: 0 } },
});

/** Columns in descending order. */
export interface SortedColumns {
  readonly rows: number;
  readonly columns: number;
  /** columns × rows: the rows of each column, that with the largest value first. */
  readonly order: Uint32Array;
  /** columns × rows: the values in that order; −0 comes back as 0. */
  readonly values: Float32Array;
}

/**
 * Sorts every column by descending value; equal values keep the order of their rows.
 *
 * @param x columns × rows: one run per column (see `transpose`)
 * @throws ArgumentError that names row and column of a NaN
 */
export async function sortColumns(device: Device, x: Float32Array, columns: number): Promise<SortedColumns> {
  const rows = columns === 0 ? 0 : x.length / columns;
  if (!Number.isInteger(rows)) throw new ArgumentError("x", `${columns} columns of equal length`, x);
  if (rows * columns === 0) return { rows, columns, order: new Uint32Array(), values: new Float32Array() };
  const { sorted, nan } = await runOnce(
    device,
    sortKernel,
    {
      x: given(x, [columns, rows]),
      sorted: wanted("u32", [columns, 2 * rows]),
      spare: wanted("u32", [columns, 2 * rows]),
      nan: wanted("u32", [columns]),
    },
    { rows, columns },
  );
  rejectNan(nan);
  const order = Uint32Array.from({ length: rows * columns }, (_, i) => sorted[2 * i]!);
  return { rows, columns, order, values: sortedValues(sorted as Uint32Array) };
}

/** The values of pairs (row, key), in their order; −0 comes back as 0. */
export function sortedValues(pairs: Uint32Array): Float32Array {
  const bits = new Uint32Array(pairs.length / 2);
  for (let i = 0; i < bits.length; i++) {
    const key = ~pairs[2 * i + 1]!;
    bits[i] = key < 0 ? key & 0x7fffffff : ~key;
  }
  return new Float32Array(bits.buffer);
}
