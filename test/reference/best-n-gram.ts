/** The n-gram with the largest value of all that can be made of some tokens, the first of equals: every one is tried. */
export function bestNGram(
  tokens: readonly number[],
  length: number,
  value: (ids: readonly number[]) => number,
): { readonly ids: readonly number[]; readonly value: number } {
  if (length === 0) return { ids: [], value: value([]) };
  let best = { ids: [] as readonly number[], value: Number.NEGATIVE_INFINITY };
  for (const token of tokens) {
    const found = bestNGram(tokens, length - 1, (rest) => value([token, ...rest]));
    if (found.value > best.value) best = { ids: [token, ...found.ids], value: found.value };
  }
  return best;
}
