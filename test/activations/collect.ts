import type { ActivationSource, BlockOptions } from "../../src/activations/source.js";

/** All numbers of a source from a row on, checking that the blocks follow one another. */
export async function collect(source: ActivationSource, options: BlockOptions = {}): Promise<number[]> {
  const numbers: number[] = [];
  let next = options.firstRow ?? 0;
  for await (const block of source.blocks(options)) {
    if (block.firstRow !== next)
      throw new Error(`Expected a block from row ${next} but it starts at ${block.firstRow}`);
    const values = await block.values();
    if (values.length !== block.rows * source.columns) throw new Error(`Expected whole rows but got ${values.length}`);
    numbers.push(...values);
    next += block.rows;
  }
  if (next !== Math.max(source.rows, options.firstRow ?? 0)) throw new Error(`The blocks end at row ${next}`);
  return numbers;
}

/** The numbers 0, 1, … of a matrix, halved so that none of them is its own index. */
export function counting(rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => i / 2);
}
