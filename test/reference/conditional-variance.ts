/** What is left of a column's variance where the group of each row is known, by the definition; 1 for a constant. */
export function conditionalVariance(values: readonly number[], groups: readonly string[]): number {
  const mean = average(values);
  const deviation = Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
  if (deviation === 0) return 1;
  const z = values.map((value) => (value - mean) / deviation);
  const left = z.map((value, row) => {
    const same = z.filter((_, other) => groups[other] === groups[row]);
    return (value - average(same)) ** 2;
  });
  return (average(left) * z.length) / (z.length - new Set(groups).size);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
