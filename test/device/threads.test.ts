import { expect, test } from "vitest";
import { NativeDevice } from "../../src/device/native.js";
import { product } from "../../src/kernels/product.js";
import { randomNormals } from "../random.js";

/** Rows, inner and columns: fewer blocks than threads, blocks that follow each other along the rows, and down the columns. */
const shapes = [
  [1, 40, 70],
  [129, 65, 260],
  [600, 20, 1800],
] as const;

test.each(shapes)("a product of %i × %i by %i columns has the same bits on any number of threads", async (...shape) => {
  const [rows, inner, columns] = shape;
  const input = { rows, inner, columns, a: randomNormals(rows * inner, 1), b: randomNormals(columns * inner, 2) };
  await using alone = new NativeDevice({ threads: 1 });
  const expected = await product(alone, input);
  for (const threads of [2, 3, 7]) {
    await using device = new NativeDevice({ threads, poison: true });
    for (let i = 0; i < 3; i++) expect(bytesOf(await product(device, input)).equals(bytesOf(expected))).toBe(true);
  }
});

function bytesOf({ buffer }: Float32Array): Buffer {
  return Buffer.from(buffer);
}
