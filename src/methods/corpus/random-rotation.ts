import { normal, random } from "../../core/random.js";
import { orthonormalizeRows } from "../../device/factorizations.js";

/**
 * A random rotation, uniform over all (Haar): the rows of a matrix of normal numbers made orthonormal in float64. Time
 * grows with the cube of `size`; the bits are the same on every device.
 *
 * @returns size × size
 */
export async function randomRotation(size: number, seed: number): Promise<Float64Array> {
  const draw = normal(random(seed));
  const q = Float64Array.from({ length: size * size }, draw);
  await orthonormalizeRows(q, size);
  return q;
}
