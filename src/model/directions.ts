import { ArgumentError } from "../core/errors.js";

/** A direction that keeps less than this share of its length after the others are taken off lies in their span. */
const least = 1e-6;

/**
 * Orthonormal directions of the same span, by Gram and Schmidt in float64, each taken off twice.
 *
 * @param directions one behind the other, `count` numbers each
 * @throws ArgumentError for numbers that are no whole directions, or one that is zero or in the span of those before
 */
export function orthonormalize(directions: Float32Array, count: number): Float32Array[] {
  if (directions.length === 0 || directions.length % count !== 0) {
    throw new ArgumentError("value", `directions of a number for each of ${count} columns`, directions);
  }
  return basisOf(directions, count, (number, length) => {
    if (!(length > 0)) throw new ArgumentError("value", "a direction that is not zero", directions);
    throw new ArgumentError("value", "directions of which none is a sum of others", `direction ${number}`);
  });
}

/** The same, without the directions that are zero or in the span of those before: none where all are zero. */
export function spanOf(directions: Float32Array, count: number): Float32Array[] {
  return basisOf(directions, count, () => {});
}

/** @param onNothingNew is told of a direction that adds nothing to those before, and its length */
function basisOf(
  directions: Float32Array,
  count: number,
  onNothingNew: (number: number, length: number) => void,
): Float32Array[] {
  const basis: Float64Array[] = [];
  for (let start = 0; start < directions.length; start += count) {
    const direction = Float64Array.from(directions.subarray(start, start + count));
    const length = Math.sqrt(dot(direction, direction));
    for (const known of [...basis, ...basis]) takeOff(direction, known);
    const left = Math.sqrt(dot(direction, direction));
    if (left > least * length) basis.push(direction.map((part) => part / left));
    else onNothingNew(start / count, length);
  }
  return basis.map((direction) => Float32Array.from(direction));
}

function takeOff(direction: Float64Array, unit: Float64Array): void {
  const along = dot(direction, unit);
  for (let i = 0; i < direction.length; i++) direction[i]! -= along * unit[i]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
