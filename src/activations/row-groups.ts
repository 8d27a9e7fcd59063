import type { Progress } from "../core/progress.js";
import type { ActivationSource, Block } from "./source.js";

/** The rows of one group as a source of its own, in memory. */
export interface RowGroup {
  readonly label: number;
  /** Numbers of its rows in the whole source, ascending. */
  readonly rows: Uint32Array;
  /** Rows × columns. */
  readonly values: Float32Array;
  readonly source: ActivationSource;
}

/**
 * The rows of every group of a source in one pass, a group as soon as its last row has come by. Groups that begin before
 * others end are in memory at once: of groups that lie one behind the other, only one is.
 *
 * @param labels the group of every row, −1 for none
 */
export async function* rowGroups(
  source: ActivationSource,
  labels: Int32Array,
  { signal, onProgress }: Progress = {},
): AsyncGenerator<RowGroup> {
  const { columns } = source;
  const members = membersOf(labels);
  const open = new Map<number, { readonly values: Float32Array; filled: number }>();
  for await (const block of source.blocks(signal ? { signal } : {})) {
    const values = await block.values();
    for (let row = 0; row < block.rows; row++) {
      const label = labels[block.firstRow + row]!;
      if (label < 0) continue;
      const rows = members[label]!;
      const group = open.get(label) ?? { values: new Float32Array(rows.length * columns), filled: 0 };
      open.set(label, group);
      group.values.set(values.subarray(row * columns, (row + 1) * columns), group.filled++ * columns);
      if (group.filled < rows.length) continue;
      open.delete(label);
      yield { label, rows, values: group.values, source: memorySource(source, group.values, rows.length) };
    }
    onProgress?.(block.firstRow + block.rows, source.rows, "groups of rows");
  }
}

function membersOf(labels: Int32Array): Uint32Array[] {
  const members: number[][] = [];
  labels.forEach((label, row) => {
    if (label < 0) return;
    members[label] ??= [];
    members[label].push(row);
  });
  return Array.from(members, (rows = []) => Uint32Array.from(rows));
}

/** Rows without annotations in memory, as a single block. */
function memorySource(of: ActivationSource, values: Float32Array, rows: number): ActivationSource {
  return {
    name: of.name,
    rows,
    columns: of.columns,
    sites: of.sites,
    table: null,
    ...(of.device && { device: of.device }),
    provenance: () => of.provenance(),
    async *blocks({ blockRows = rows, firstRow: start = 0 } = {}): AsyncGenerator<Block> {
      for (let firstRow = start; firstRow < rows; firstRow += blockRows) {
        const count = Math.min(blockRows, rows - firstRow);
        const part = values.subarray(firstRow * of.columns, (firstRow + count) * of.columns);
        yield { firstRow, rows: count, values: async () => part, place: async (device) => device.upload(part) };
      }
    },
  };
}
