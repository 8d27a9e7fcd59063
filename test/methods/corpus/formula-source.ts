import { annotated } from "../../array-source.js";
import { randomNormals } from "../../random.js";

/** A table in which concept i is `ci=yes`, and the names that formulas give them. */
export function tableOf(concepts: readonly boolean[][]) {
  return annotated(Object.fromEntries(concepts.map((rows, i) => [`c${i}`, rows.map((on) => (on ? "yes" : null))])));
}
export const names = (count: number) => Array.from({ length: count }, (_, i) => ({ key: `c${i}`, value: "yes" }));
export const keys = (count: number) => names(count).map(({ key }) => key);

/** Activations that are above 0 where masks are on: rows × masks. */
export function activationsOf(masks: readonly boolean[][], seed: number): Float32Array {
  const noise = randomNormals(masks.length * masks[0]!.length, seed);
  return noise.map(
    (value, i) => (Math.abs(value) + 0.01) * (masks[i % masks.length]![Math.floor(i / masks.length)] ? 1 : -1),
  );
}
