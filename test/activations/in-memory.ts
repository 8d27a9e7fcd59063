import type { ActivationSource, Block, BlockOptions } from "../../src/activations/source.js";
import type { Site } from "../../src/core/sites.js";
import type { RowTable } from "../../src/corpus/rows.js";

/** A source over an array, in blocks of `pieceRows`: what a live model looks like to everything behind it. */
export function sourceOf(
  values: Float32Array,
  sites: readonly Site[],
  table: RowTable | null = null,
  pieceRows = 3,
): ActivationSource {
  const columns = sites.reduce((sum, site) => sum + site.width, 0);
  const rows = values.length / columns;
  return {
    name: "memory",
    rows,
    columns,
    sites,
    table,
    provenance: async () => ({ model: "m", corpus: table?.fingerprint ?? null, activations: null }),
    async *blocks({ blockRows = pieceRows, firstRow = 0, signal }: BlockOptions = {}): AsyncGenerator<Block> {
      for (let row = firstRow; row < rows; row += blockRows) {
        signal?.throwIfAborted();
        const part = values.slice(row * columns, (row + blockRows) * columns);
        yield {
          firstRow: row,
          rows: part.length / columns,
          values: async () => part,
          place: async (device) => device.upload(part),
        };
      }
    },
  };
}
