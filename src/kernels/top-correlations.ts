import { ArgumentError } from "../core/errors.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { GramSums } from "./gram-sums.js";
import { given, held, runOnce, wanted } from "./run-once.js";

/** Workgroups that are enough for a large GPU. */
const GROUPS = 512;
const NOBODY = 0xffffffff;

/**
 * For every column of x the columns of y whose r with it is largest; `indices` and `values` are
 * (splits · columns) × count, one list per split and column. With option `symmetric` there is no y. A GPU is told centre
 * and scale of every column; the native device finds them in passing and is told nothing.
 */
export const topCorrelationsKernel = describeKernel({
  name: "top-correlations",
  operands: {
    x: { type: "f32", access: "read" },
    y: { type: "f32", access: "read", optional: true },
    centre: { type: "f32", access: "read", optional: true },
    scale: { type: "f32", access: "read", optional: true },
    otherCentre: { type: "f32", access: "read", optional: true },
    otherScale: { type: "f32", access: "read", optional: true },
    indices: { type: "u32", access: "write" },
    values: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", columns: "u32", others: "u32", count: "u32", splits: "u32" },
  options: ["symmetric", "signed"],
  groups: ({ columns, splits }) => Math.ceil(columns / 128) * splits,
});

export interface TopCorrelationsInput {
  readonly rows: number;
  readonly columns: number;
  /** rows × columns values, on the host or on the device. */
  readonly x: Float32Array | DeviceBuffer;
  /** Columns of `y`. */
  readonly others?: number;
  /** rows × others values; where left out, x's columns are compared with each other. */
  readonly y?: Float32Array | DeviceBuffer;
  /** How many to find for each column. */
  readonly count: number;
  /** What is largest: |r| (where left out) or r. */
  readonly by?: "absolute" | "signed";
}

/** The most correlated columns of each column: `count` places each, best first. */
export interface TopCorrelations {
  /** Places per column: `count`, or as many columns as there are. */
  readonly count: number;
  readonly columns: Uint32Array;
  /** Signed r, in [-1, 1]; 0 with and between constant columns. */
  readonly r: Float32Array;
}

/**
 * The columns of y (or the other columns of x) that correlate most with each column of x, without the matrix of all
 * correlations: memory O(columns · count). Ties go to the lower column.
 *
 * @throws ArgumentError if a size does not fit, there is no row, or `count` is not positive
 */
export async function topCorrelations(device: Device, input: TopCorrelationsInput): Promise<TopCorrelations> {
  const { rows, columns, x, y, others = columns, count: asked, by = "absolute" } = input;
  checkSizes(input);
  const count = Math.min(asked, y ? others : columns - 1);
  if (count === 0 || columns === 0) return { count: 0, columns: new Uint32Array(0), r: new Float32Array(0) };
  const [left, right] = [place(device, x), y ? place(device, y) : undefined];
  try {
    const told = device.kind === "webgpu";
    const own = told && (await standardise(device, left, rows, columns));
    const other = told && right && (await standardise(device, right, rows, others));
    const splits = splitsFor(device, columns, others);
    const lists = [splits * columns, count];
    const { indices, values } = await runOnce(
      device,
      topCorrelationsKernel,
      {
        x: held(left, "f32", [rows, columns]),
        ...(right && { y: held(right, "f32", [rows, others]) }),
        ...(own && { centre: given(own.centre, [columns]), scale: given(own.scale, [columns]) }),
        ...(other && { otherCentre: given(other.centre, [others]), otherScale: given(other.scale, [others]) }),
        indices: wanted("u32", lists),
        values: wanted("f32", lists),
      },
      { rows, columns, others, count, splits },
      { symmetric: y ? 0 : 1, signed: by === "signed" ? 1 : 0 },
    );
    const merged = mergeSplits(indices as Uint32Array, values as Float32Array, { columns, count, splits, by });
    return { count, columns: merged.columns, r: merged.r };
  } finally {
    if (x instanceof Float32Array) left[Symbol.dispose]();
    if (y instanceof Float32Array) right?.[Symbol.dispose]();
  }
}

function checkSizes({ rows, columns, x, y, others = columns, count, by = "absolute" }: TopCorrelationsInput): void {
  if (!Number.isSafeInteger(rows) || rows < 1) throw new ArgumentError("rows", "a positive integer", rows);
  if (!Number.isSafeInteger(count) || count < 1) throw new ArgumentError("count", "a positive integer", count);
  if (by !== "absolute" && by !== "signed") throw new ArgumentError("by", "absolute or signed", by);
  checkMatrix("x", x, rows, columns);
  if (y) checkMatrix("y", y, rows, others);
}

function checkMatrix(name: string, data: Float32Array | DeviceBuffer, rows: number, columns: number): void {
  const elements = data instanceof Float32Array ? data.length : data.bytes / 4;
  const fits = data instanceof Float32Array ? elements === rows * columns : elements >= rows * columns;
  if (!fits) throw new ArgumentError(name, `${rows} × ${columns} values`, elements);
}

function place(device: Device, data: Float32Array | DeviceBuffer): DeviceBuffer {
  return data instanceof Float32Array ? device.upload(data) : data;
}

/** What makes r a sum of products: (x − centre) · scale has mean 0 and squares that sum to 1. Constant columns have scale 0. */
async function standardise(device: Device, x: DeviceBuffer, rows: number, columns: number) {
  using sums = new GramSums(device, columns, 1); // with one column of zeros, for the totals' sake
  using nothing = device.upload(new Float32Array(rows));
  await sums.add(x, rows, nothing);
  const { mean, squares } = await sums.central();
  const scale = squares.map((square) => (square > 0 ? 1 / Math.sqrt(square) : 0));
  return { centre: Float32Array.from(mean), scale: Float32Array.from(scale) };
}

/** Parts of y that separate workgroups search: one on the native device, whose tasks are many anyway. */
function splitsFor(device: Device, columns: number, others: number): number {
  if (device.kind === "native") return 1;
  return Math.max(1, Math.min(Math.ceil(others / 128), Math.ceil(GROUPS / Math.ceil(columns / 128))));
}

interface Splits {
  readonly columns: number;
  readonly count: number;
  readonly splits: number;
  readonly by: "absolute" | "signed";
}

/** The best `count` of each column's lists. */
function mergeSplits(indices: Uint32Array, values: Float32Array, { columns, count, splits, by }: Splits) {
  if (splits === 1) return { columns: indices, r: values };
  const best = { columns: new Uint32Array(columns * count), r: new Float32Array(columns * count) };
  const key = (at: number) => (by === "signed" ? values[at]! : Math.abs(values[at]!));
  for (let column = 0; column < columns; column++) {
    const places: number[] = [];
    for (let split = 0; split < splits; split++) {
      const first = (split * columns + column) * count;
      for (let at = first; at < first + count && indices[at] !== NOBODY; at++) places.push(at);
    }
    places.sort((a, b) => key(b) - key(a) || indices[a]! - indices[b]!);
    places.slice(0, count).forEach((at, k) => {
      best.columns[column * count + k] = indices[at]!;
      best.r[column * count + k] = values[at]!;
    });
  }
  return best;
}
