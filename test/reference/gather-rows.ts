/** Rows by number, zeros for 2³² − 1. */
export function gatherRows(x: Float32Array, width: number, index: Uint32Array): number[] {
  return [...index].flatMap((row) =>
    row === 2 ** 32 - 1 ? new Array<number>(width).fill(0) : [...x.subarray(row * width, (row + 1) * width)],
  );
}
