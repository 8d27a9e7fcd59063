/** The `count` columns with the largest key in each row of a matrix of correlations, ties to the lower column. */
export function topCorrelations(
  correlations: readonly (readonly number[])[],
  count: number,
  { signed, without }: { signed: boolean; without: "itself" | "nothing" },
): number[][] {
  const key = (r: number) => (signed ? r : Math.abs(r));
  return correlations.map((row, i) =>
    row
      .map((_, j) => j)
      .filter((j) => without === "nothing" || j !== i)
      .sort((a, b) => key(row[b]!) - key(row[a]!) || a - b)
      .slice(0, count),
  );
}
