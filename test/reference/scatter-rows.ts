import type { ScatterRowsInput } from "../../src/kernels/scatter-rows.js";

/** Rows to places by number; 2³² − 1 is no place. */
export function scatterRows({ x, index, out, width }: ScatterRowsInput): number[] {
  const rows = Array.from({ length: out.length / width }, (_, row) => [
    ...out.subarray(row * width, (row + 1) * width),
  ]);
  index.forEach((row, i) => {
    if (row !== 2 ** 32 - 1) rows[row] = [...x.subarray(i * width, (i + 1) * width)];
  });
  return rows.flat();
}
