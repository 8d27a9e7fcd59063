import { normal, random } from "./random.js";

/**
 * A random rotation, uniform over all (Haar): the rows of a matrix of normal numbers made orthonormal by Gram–Schmidt in
 * float64. Time grows with the cube of `size`.
 *
 * @returns size × size
 */
export function randomRotation(size: number, seed: number): Float64Array {
  const draw = normal(random(seed));
  const q = Float64Array.from({ length: size * size }, draw);
  for (let i = 0; i < size; i++) {
    const row = q.subarray(i * size, (i + 1) * size);
    const length = Math.sqrt(dot(row, row));
    for (let k = 0; k < size; k++) row[k]! /= length;
    for (let j = i + 1; j < size; j++) {
      const other = q.subarray(j * size, (j + 1) * size);
      const shared = dot(row, other);
      for (let k = 0; k < size; k++) other[k]! -= shared * row[k]!;
    }
  }
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
