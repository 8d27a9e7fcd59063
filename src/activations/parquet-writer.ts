import { writeAtomically } from "../core/files.js";
import { neuronName } from "../core/sites.js";
import { tableColumns } from "./row-table-file.js";
import type { ActivationSource } from "./source.js";

/** Bytes of activations in one row group. */
const GROUP_BYTES = 2 ** 26;

/** Writes a source as a Parquet file: the columns of its table of rows, then one column of float32 per neuron. */
export async function writeParquet(path: string, source: ActivationSource, signal?: AbortSignal): Promise<void> {
  const { ParquetWriter, fileWriter, schemaFromColumnData } = await import("hyparquet-writer");
  const known = source.table ? tableColumns(source.table) : [];
  const names = Array.from({ length: source.columns }, (_, column) => neuronName(source.sites, column));
  const empty = new Float32Array(0);
  const neurons = names.map((name) => ({ name, data: empty, type: "FLOAT" as const, nullable: false }));
  const schema = schemaFromColumnData({ columnData: [...known, ...neurons] });
  const blockRows = Math.max(1, Math.floor(GROUP_BYTES / (4 * source.columns)));
  await writeAtomically(path, async (partial) => {
    const writer = new ParquetWriter({ writer: fileWriter(partial), schema, codec: "UNCOMPRESSED" });
    for await (const block of source.blocks({ blockRows, ...(signal ? { signal } : {}) })) {
      const values = await block.values();
      const { firstRow, rows } = block;
      const table = known.map((column) => ({ ...column, data: column.data.slice(firstRow, firstRow + rows) }));
      const columnData = names.map((name, column) => ({ name, data: columnOf(values, column, source.columns) }));
      await writer.write({ columnData: [...table, ...columnData], rowGroupSize: rows });
    }
    signal?.throwIfAborted();
    await writer.finish();
  });
}

function columnOf(values: Float32Array, column: number, columns: number): Float32Array {
  return Float32Array.from({ length: values.length / columns }, (_, row) => values[row * columns + column]!);
}
