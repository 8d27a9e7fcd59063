/** A formula as a chain of concepts: concept · 4 + operator (0 OR, 1 AND, 2 AND NOT; the first one's counts for nothing). */
export type Chain = readonly number[];

/** On which rows a chain holds, row by row. */
export function holds(chain: Chain, concepts: readonly boolean[][]): boolean[] {
  const rows = concepts[0]?.length ?? 0;
  return Array.from({ length: rows }, (_, row) =>
    chain.reduce((value, link, i) => {
      const more = concepts[link >>> 2]![row]!;
      if (i === 0) return more;
      return [value || more, value && more, value && !more][link & 3]!;
    }, false),
  );
}

/** Rows that two have in common, and rows that either has. */
export function countBoth(a: readonly boolean[], b: readonly boolean[]): { both: number; either: number } {
  const both = a.filter((on, row) => on && b[row]).length;
  return { both, either: a.filter((on, row) => on || b[row]).length };
}

/** Every extension of every chain by a concept that shares rows with the mask, best first: what a list of all, sorted, begins with. */
export function formulaExtensions(
  mask: readonly boolean[],
  concepts: readonly boolean[][],
  chains: readonly Chain[],
  beam: number,
): { slot: number; operator: number; concept: number; both: number; size: number }[] {
  const all = chains.flatMap((chain, slot) =>
    concepts.flatMap((rows, concept) =>
      [0, 1, 2].flatMap((operator) => {
        if (countBoth(rows, mask).both === 0) return [];
        const extended = holds([...chain, concept * 4 + operator], concepts);
        const { both, either } = countBoth(extended, mask);
        const size = extended.filter((on) => on).length;
        return both === 0 ? [] : [{ slot, operator, concept, both, size, either }];
      }),
    ),
  );
  all.sort((a, b) => b.both * a.either - a.both * b.either); // stable: ties keep slot, concept, operator
  return all.slice(0, beam).map(({ either: _, ...extension }) => extension);
}
