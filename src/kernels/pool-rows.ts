import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/** How a group of rows becomes one; a kind's number is the kernel's option. */
export const poolings = ["first", "last", "mean", "max"] as const;
export type RowPooling = (typeof poolings)[number];

/**
 * Groups of rows reduced to one row each: tokens to words or sentences.
 *
 * Group g is the rows starts[g] … ends[g] − 1, or, with `members`, the rows members[starts[g]] …
 * members[ends[g] − 1]; groups may overlap, and an empty one gives zeros. Rows past the `sourceRows` rows of x
 * are an error on native.
 */
export const poolRowsKernel = describeKernel({
  name: "pool-rows",
  operands: {
    x: { type: "f32", access: "read" },
    starts: { type: "u32", access: "read" },
    ends: { type: "u32", access: "read" },
    members: { type: "u32", access: "read", optional: true },
    out: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", width: "u32", sourceRows: "u32" },
  options: ["kind"],
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes: { rows: { starts: 0, ends: 0, out: 0 }, sourceRows: { x: 0 } },
  whole: ["sourceRows"],
});

/** Runs of rows, or of entries of a list of rows. */
export interface RowGroups {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly members?: Uint32Array;
}

/**
 * One row for each group of rows.
 *
 * @param x rows of `width` columns
 * @returns groups × width values
 * @throws ArgumentError for a group that ends before it starts or reaches past x
 */
export async function poolRows(
  device: Device,
  x: Float32Array,
  width: number,
  { starts, ends, members }: RowGroups,
  pooling: RowPooling,
): Promise<Float32Array> {
  const rows = starts.length;
  const sourceRows = Math.floor(x.length / width);
  checkGroups({ starts, ends, ...(members && { members }) }, sourceRows);
  const { out } = await runOnce(
    device,
    poolRowsKernel,
    {
      x: given(x, [sourceRows, width], "x"),
      starts: given(starts, [rows]),
      ends: given(ends, [rows], "ends"),
      ...(members && { members: given(members, [members.length]) }),
      out: wanted("f32", [rows, width]),
    },
    { rows, width, sourceRows },
    { kind: poolings.indexOf(pooling) },
  );
  return out as Float32Array;
}

function checkGroups({ starts, ends, members }: RowGroups, sourceRows: number): void {
  const limit = members?.length ?? sourceRows;
  ends.forEach((end, g) => {
    if (end > limit || starts[g]! > end) throw new ArgumentError(`ends[${g}]`, `${starts[g]} … ${limit}`, end);
  });
  const stranger = members?.find((row) => row >= sourceRows);
  if (stranger !== undefined) throw new ArgumentError("members", `rows below ${sourceRows}`, stranger);
}
