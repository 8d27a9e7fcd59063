import type { EmbeddingOptions, Lookup } from "../../src/kernels/embedding.js";

/** Table rows by id, straight from the definition. */
export function embedding({ ids, table }: Lookup, width: number, options: EmbeddingOptions = {}): number[] {
  const { positions, types, scale = 1 } = options;
  return [...ids].flatMap((id, i) =>
    Array.from({ length: width }, (_, c) => {
      const second = positions ? positions.table[positions.ids[i]! * width + c]! : 0;
      const third = types ? types.table[types.ids[i]! * width + c]! : 0;
      return scale * table[id * width + c]! + second + third;
    }),
  );
}
