import type { ActivationSource } from "../src/activations/source.js";
import type { Site } from "../src/core/sites.js";
import type { RowTable } from "../src/corpus/rows.js";

/** How a source of tests differs from the plainest one. */
export interface ArraySourceOptions {
  readonly name?: string;
  readonly sites?: readonly Site[];
  readonly table?: RowTable | null;
  /** Rows of each block; the last may be shorter. */
  readonly blockRows?: number;
}

/** Activations that lie in memory, in blocks of a size that divides nothing. */
export function arraySource(x: Float32Array, columns: number, options: ArraySourceOptions = {}): ActivationSource {
  const { name = "array", table = null, blockRows = 37 } = options;
  const sites = options.sites ?? [{ name: "activations", width: columns, offset: 0 }];
  const rows = x.length / columns;
  return {
    name,
    rows,
    columns,
    sites,
    table,
    provenance: async () => ({ model: null, corpus: table?.fingerprint ?? null, activations: "a" }),
    async *blocks({ signal, firstRow: start = 0 } = {}) {
      for (let firstRow = start; firstRow < rows; firstRow += blockRows) {
        signal?.throwIfAborted();
        const count = Math.min(blockRows, rows - firstRow);
        const values = x.slice(firstRow * columns, (firstRow + count) * columns);
        yield { firstRow, rows: count, values: async () => values, place: async (device) => device.upload(values) };
      }
    },
  };
}

/** A table of word rows, one sentence, with these annotations. */
export function annotated(annotations: Readonly<Record<string, readonly (string | null)[]>>): RowTable {
  const [first = []] = Object.values(annotations);
  return {
    kind: "word",
    rows: first.length,
    sentence: new Uint32Array(first.length),
    position: Uint32Array.from(first, (_, row) => row),
    text: first.map((_, row) => `w${row}`),
    keys: Object.keys(annotations),
    column: (key) => annotations[key] ?? [],
    fingerprint: "c",
  };
}
