import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * Sum of up to three table rows per token: scale · table[ids] + positionTable[positions] + typeTable[types].
 *
 * Ids past the end of their table (`vocabulary`, `positionCount`, `typeCount` rows) are an error on native; on a
 * GPU they add nothing, so whoever has them on the host checks them first.
 */
export const embeddingKernel = describeKernel({
  name: "embedding",
  operands: {
    ids: { type: "u32", access: "read" },
    table: { type: "f32", access: "read" },
    positions: { type: "u32", access: "read", optional: true },
    positionTable: { type: "f32", access: "read", optional: true },
    types: { type: "u32", access: "read", optional: true },
    typeTable: { type: "f32", access: "read", optional: true },
    out: { type: "f32", access: "write" },
  },
  parameters: {
    rows: "u32",
    width: "u32",
    vocabulary: "u32",
    positionCount: "u32",
    typeCount: "u32",
    scale: "f32",
  },
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes: { rows: { ids: 0, positions: 0, types: 0, out: 0 } },
});

/** Ids of one table, and the table: rows × width. */
export interface Lookup {
  readonly ids: Uint32Array;
  readonly table: Float32Array;
}

export interface EmbeddingOptions {
  /** A second table, looked up by other ids, that is added. */
  readonly positions?: Lookup;
  /** A third one. */
  readonly types?: Lookup;
  /** What the first table's rows are multiplied by; default 1. */
  readonly scale?: number;
}

/**
 * Rows of a table by id, with up to two more added.
 *
 * @param width columns of every table
 * @returns ids.length × width values
 * @throws ArgumentError for an id past the end of its table
 */
export async function embedding(
  device: Device,
  { ids, table }: Lookup,
  width: number,
  { positions, types, scale = 1 }: EmbeddingOptions = {},
): Promise<Float32Array> {
  const rows = ids.length;
  const vocabulary = tableRows("table", { ids, table }, width, rows);
  const positionCount = positions ? tableRows("positions", positions, width, rows) : 0;
  const typeCount = types ? tableRows("types", types, width, rows) : 0;
  const { out } = await runOnce(
    device,
    embeddingKernel,
    {
      ids: given(ids, [rows]),
      table: given(table, [vocabulary, width]),
      ...(positions && {
        positions: given(positions.ids, [rows]),
        positionTable: given(positions.table, [positionCount, width]),
      }),
      ...(types && { types: given(types.ids, [rows]), typeTable: given(types.table, [typeCount, width]) }),
      out: wanted("f32", [rows, width]),
    },
    { rows, width, vocabulary, positionCount, typeCount, scale },
  );
  return out as Float32Array;
}

function tableRows(name: string, { ids, table }: Lookup, width: number, rows: number): number {
  const count = table.length / width;
  if (!Number.isInteger(count)) throw new ArgumentError(name, `a table of rows of ${width}`, table.length);
  if (ids.length !== rows) throw new ArgumentError(name, `${rows} ids`, ids.length);
  const stranger = ids.find((id) => id >= count);
  if (stranger !== undefined) throw new ArgumentError(name, `ids below ${count}`, stranger);
  return count;
}
