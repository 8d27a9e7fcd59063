/** Column sums of the rows of every class, in float64: classes × columns. */
export function classSums(x: Float32Array, columns: number, members: Uint32Array, classes: number): number[][] {
  const sums = Array.from({ length: classes }, () => new Array<number>(columns).fill(0));
  for (let i = 0; i < members.length; i += 2) {
    const [row, label] = [members[i]!, members[i + 1]!];
    for (let column = 0; column < columns; column++) sums[label]![column]! += x[row * columns + column]!;
  }
  return sums;
}
