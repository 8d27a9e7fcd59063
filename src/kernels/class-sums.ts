import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { rowsOf } from "./masks.js";
import { given, runOnce } from "./run-once.js";

/**
 * Column sums of the rows of every class, added to what stands there: for every member (row, class),
 * sums[class, c] += x[row, c]. A sum is a pair, `sums` + `rests`, that keeps what float32 loses.
 */
export const classSumsKernel = describeKernel({
  name: "class-sums",
  operands: {
    x: { type: "f32", access: "read" },
    members: { type: "u32", access: "read" },
    sums: { type: "f32", access: "update" },
    rests: { type: "f32", access: "update" },
  },
  parameters: { rows: "u32", columns: "u32", entries: "u32" },
  groups: ({ columns, entries }) => (entries === 0 ? 0 : Math.ceil(columns / 64)),
  axes: { columns: { x: 1, sums: 1, rests: 1 } },
  extents: { rows: { x: 0 }, entries: { members: 0 } },
});

/**
 * Column sums of the rows of every class. A row may belong to several classes, or to none.
 *
 * @param x activations, rows × columns, row-major
 * @param members pairs (row, class) one behind the other
 * @returns classes × columns sums in float64, to about 2⁻⁴⁵ of the sum of sizes; NaN and infinities go into them
 * @throws ArgumentError for a pair that names no row or no class
 */
export async function classSums(
  device: Device,
  x: Float32Array,
  columns: number,
  members: Uint32Array,
  classes: number,
): Promise<Float64Array> {
  const rows = rowsOf(x, columns);
  members.forEach((member, i) => {
    const limit = i % 2 === 0 ? rows : classes;
    if (member >= limit) throw new ArgumentError(`members[${i}]`, `a number below ${limit}`, member);
  });
  if (members.length % 2 !== 0) throw new ArgumentError("members", "pairs of row and class", members.length);
  if (members.length * columns === 0) return new Float64Array(classes * columns);
  const { sums, rests } = await runOnce(
    device,
    classSumsKernel,
    {
      x: given(x, [rows, columns]),
      members: given(members, [members.length / 2, 2]),
      sums: given(new Float32Array(classes * columns), [classes, columns]),
      rests: given(new Float32Array(classes * columns), [classes, columns]),
    },
    { rows, columns, entries: members.length / 2 },
  );
  return Float64Array.from(sums, (sum, i) => sum + rests[i]!);
}
