import type { RowGroups, RowPooling } from "../../src/kernels/pool-rows.js";

/** One row per group of rows, in float64, straight from the definition. */
export function poolRows(x: Float32Array, width: number, groups: RowGroups, pooling: RowPooling): number[] {
  return [...groups.starts].flatMap((start, g) => {
    const places = Array.from({ length: groups.ends[g]! - start }, (_, k) => start + k);
    const rows = places.map((place) => groups.members?.[place] ?? place);
    return Array.from({ length: width }, (_, c) => {
      const column = rows.map((row) => x[row * width + c]!);
      if (column.length === 0) return 0;
      if (pooling === "first") return column[0]!;
      if (pooling === "last") return column.at(-1)!;
      if (pooling === "max") return Math.max(...column);
      return column.reduce((sum, value) => sum + value, 0) / column.length;
    });
  });
}
