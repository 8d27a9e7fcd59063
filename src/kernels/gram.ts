import { describeKernel } from "../device/kernel.js";

/**
 * Adds rows to float64 sums of products of shifted columns, and to the sums and squares of the columns.
 *
 * `sums` is columns × (2 · padded others) and `totals` columns × 4: two u32 hold one float64 (native) or a pair of f32,
 * high and low (WebGPU). With option `symmetric` there is no y, others = columns, and only others ≥ columns is complete.
 * Products are summed in float32 over at most `chain` ≤ 384 rows (at least 16 on a GPU).
 */
export const gramKernel = describeKernel({
  name: "gram",
  operands: {
    x: { type: "f32", access: "read" },
    y: { type: "f32", access: "read", optional: true },
    shift: { type: "f32", access: "read" },
    otherShift: { type: "f32", access: "read", optional: true },
    sums: { type: "u32", access: "update" },
    totals: { type: "u32", access: "update" },
    otherTotals: { type: "u32", access: "update", optional: true },
  },
  parameters: { rows: "u32", columns: "u32", others: "u32", chain: "u32" },
  options: ["symmetric"],
  groups: ({ rows, columns, others }, _, { symmetric }) => {
    if (rows * columns * others === 0) return 0;
    const [down, across] = [Math.ceil(columns / 128), Math.ceil(others / 128)];
    if (symmetric) return (across * (across + 1)) / 2 + Math.ceil(columns / 256);
    return down * across + Math.ceil(columns / 256) + Math.ceil(others / 256);
  },
  axes: { rows: { x: 0, y: 0 } },
});
