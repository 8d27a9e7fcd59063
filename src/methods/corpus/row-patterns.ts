import { type BitMatrix, eachBit, wordsPerRow } from "../../core/bits.js";

/** Rows that have the same concepts, taken together: a formula of these concepts holds on all rows of a pattern or on none. */
export interface RowPatterns {
  /** Concepts × patterns. */
  readonly bits: BitMatrix;
  /** The pattern of every row. */
  readonly ofRow: Uint32Array;
  /** Rows of each pattern. */
  readonly sizes: Uint32Array;
  /** The concepts of pattern p are concepts[starts[p]] … concepts[starts[p + 1] − 1]. */
  readonly starts: Uint32Array;
  readonly concepts: Uint32Array;
}

/** The patterns of rows: each concept parts those that have it from those that lack it. */
export function rowPatterns(all: BitMatrix): RowPatterns {
  const ofRow = new Uint32Array(all.columns);
  const members: number[][] = [[]];
  for (let concept = 0; concept < all.rows; concept++) {
    const parted = new Map<number, number>();
    eachBit(all, concept, (row) => {
      const before = ofRow[row]!;
      let after = parted.get(before);
      if (after === undefined) {
        after = members.push([...members[before]!, concept]) - 1;
        parted.set(before, after);
      }
      ofRow[row] = after;
    });
  }
  return packPatterns(ofRow, members, all.rows);
}

/** Rows of each pattern that a mask has. */
export function countPatterns({ ofRow, sizes }: RowPatterns, mask: Uint32Array): Uint32Array {
  const counts = new Uint32Array(sizes.length);
  eachBit({ bits: mask, rows: 1, columns: ofRow.length }, 0, (row) => {
    counts[ofRow[row]!]!++;
  });
  return counts;
}

/** Leaves out the patterns that have lost all their rows. */
function packPatterns(before: Uint32Array, members: readonly (readonly number[])[], concepts: number): RowPatterns {
  const places = new Int32Array(members.length).fill(-1);
  const kept: (readonly number[])[] = [];
  const ofRow = before.map((pattern) => {
    if (places[pattern]! < 0) places[pattern] = kept.push(members[pattern]!) - 1;
    return places[pattern]!;
  });
  const sizes = new Uint32Array(kept.length);
  for (const pattern of ofRow) sizes[pattern]!++;
  const words = wordsPerRow(kept.length);
  const bits = new Uint32Array(concepts * words);
  const starts = new Uint32Array(kept.length + 1);
  kept.forEach((own, pattern) => {
    starts[pattern + 1] = starts[pattern]! + own.length;
    for (const concept of own) bits[concept * words + (pattern >>> 5)]! |= 1 << (pattern & 31);
  });
  return {
    bits: { bits, rows: concepts, columns: kept.length },
    ...{ ofRow, sizes, starts, concepts: Uint32Array.from(kept.flat()) },
  };
}
