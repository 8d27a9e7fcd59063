import type { ActivationSource } from "../src/activations/source.js";
import { normal, random } from "../src/core/random.js";
import { sourceOf } from "../test/activations/in-memory.js";
import { tableOf } from "../test/activations/table.js";

/** Rows of random activations in memory, with a class each: seventeen tags, as UD has. */
export interface MemorySource extends ActivationSource {
  readonly values: Float32Array;
  /** The class of every row, 0 … 16. */
  readonly classes: readonly number[];
}

const tags = 17;

/** Normal numbers, each column leaning on the one before it and, every third, on the row's class. */
export function memorySource(rows: number, columns: number): MemorySource {
  const next = normal(random(1));
  const draw = random(2);
  const noise = Float32Array.from({ length: 1 << 20 }, next);
  const classes = Array.from({ length: rows }, () => Math.floor(tags * draw() ** 2));
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = Math.floor(draw() * (noise.length - columns));
    const shift = (classes[row] ?? 0) / tags;
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = (noise[start + column] ?? 0) + (column % 3 === 0 ? shift : 0);
    }
  }
  const zeros = new Array<number>(rows).fill(0);
  const words = new Array<string>(rows).fill("word");
  const table = tableOf("word", zeros, zeros, words, {
    upos: classes.map((tag) => `T${String(tag).padStart(2, "0")}`),
  });
  const source = sourceOf(values, [{ name: "layers.0.residual", width: columns, offset: 0 }], table, 4096);
  return { ...source, values, classes };
}

/** A column of a source. */
export function columnOf({ values, columns, rows }: MemorySource, column: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => values[row * columns + column] ?? Number.NaN);
}

/** Columns that a check looks at: the first, one in the middle, the last. */
export function someColumns({ columns }: { readonly columns: number }): number[] {
  return [0, Math.floor(columns / 2), columns - 1];
}

/** The largest difference between results and the truth. @throws Error where it exceeds `tolerance` */
export function largestError(found: readonly number[], truth: readonly number[], tolerance: number): number {
  const errors = truth.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN)));
  const worst = Math.max(...errors);
  if (!(worst <= tolerance)) throw new Error(`The answer is wrong by ${worst}`);
  return worst;
}

/** The Python of a matrix like `memorySource`'s and of its classes. */
export function pythonSource(rows: number, columns: number): string {
  return `import numpy as np; g = np.random.default_rng(1)
x = g.standard_normal((${rows}, ${columns}), dtype=np.float32); y = (${tags} * g.random(${rows}) ** 2).astype(int)`;
}
