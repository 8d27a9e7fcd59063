import { expect } from "vitest";
import { normal, random } from "../src/core/random.js";

/** Seeded standard normal numbers times `spread`. */
export function randomFloats(count: number, seed: number, spread = 1): Float32Array {
  const next = normal(random(seed));
  return Float32Array.from({ length: count }, () => spread * next());
}

/** Seeded integers in 0 … limit − 1. */
export function randomIntegers(count: number, limit: number, seed: number): Uint32Array {
  const next = random(seed);
  return Uint32Array.from({ length: count }, () => Math.floor(next() * limit));
}

/** How far a number may be from the truth: absolute + relative · |truth|. */
export interface Tolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

/** Expects as many numbers as there are truths, each within the tolerance; says which one is worst. */
export function expectClose(got: ArrayLike<number>, truth: ArrayLike<number>, tolerance: Tolerance): void {
  const { absolute = 0, relative = 0 } = tolerance;
  expect(got.length).toBe(truth.length);
  let worst = { at: -1, excess: 0, got: 0, truth: 0 };
  for (let at = 0; at < truth.length; at++) {
    const error = Math.abs(got[at]! - truth[at]!);
    const excess = error / (absolute + relative * Math.abs(truth[at]!));
    if (error !== 0 && !(excess <= Math.max(1, worst.excess))) worst = { at, excess, got: got[at]!, truth: truth[at]! };
  }
  expect(worst).toEqual({ at: -1, excess: 0, got: 0, truth: 0 });
}
