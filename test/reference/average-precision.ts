/** Average precision from the definition: every distinct value as a threshold, precision and recall counted anew. */
export function averagePrecision(scores: readonly number[], labels: readonly boolean[]): number {
  const positives = labels.filter((label) => label).length;
  let area = 0;
  let recallBefore = 0;
  for (const threshold of [...new Set(scores.map((score) => score + 0))].sort((a, b) => b - a)) {
    const above = labels.filter((_, row) => scores[row]! >= threshold);
    const found = above.filter((label) => label).length;
    area += (found / positives - recallBefore) * (found / above.length);
    recallBefore = found / positives;
  }
  return area;
}
