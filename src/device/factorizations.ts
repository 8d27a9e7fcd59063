import { ArgumentError } from "../core/errors.js";
import { loadAddon } from "./addon.js";

/*
 * Float64 factorisations of whole matrices, which GPUs have no numbers for: they run on the CPU, whatever the device,
 * and give the same bits on every machine.
 */

/**
 * Makes the rows of a matrix orthonormal in place, each by what the rows before it leave of it (Gram–Schmidt). Time grows
 * with rows² · columns.
 *
 * @param matrix rows × columns, at most as many rows as columns, none a combination of the others
 * @throws ArgumentError for a matrix that has no such shape, DeviceError where the addon is missing
 */
export async function orthonormalizeRows(matrix: Float64Array, rows: number): Promise<void> {
  const fits = rows === 0 ? matrix.length === 0 : matrix.length % rows === 0 && matrix.length / rows >= rows;
  if (!fits) throw new ArgumentError("matrix", `${rows} rows of at least ${rows} columns`, matrix);
  if (rows === 0) return;
  const addon = loadAddon();
  const queue = addon.open(0);
  try {
    await addon.orthonormalize(queue, matrix, rows);
  } finally {
    addon.close(queue);
  }
}
