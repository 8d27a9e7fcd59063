import type { RowKind } from "../corpus/rows.js";
import type { Window } from "../corpus/windows.js";

/** Sequences that are read together, because their tokens share rows, and the rows they make. */
export interface Unit {
  readonly sequences: readonly Uint32Array[];
  /** What an encoder reads for each of them, where they are what a decoder reads. */
  readonly sources?: readonly Uint32Array[];
  /** The tokens of each row, numbered through all sequences of the unit; none for a row of zeros. */
  readonly rows: readonly (readonly number[])[];
}

/**
 * Divides a sentence into units of as few windows as its rows allow: a sentence row needs them all, a word two where
 * it is longer than a window. Units without rows and sequences are left out.
 *
 * @param rows the tokens of each row, numbered as the sentence's are; rows ascend with their tokens
 * @param tokens how many tokens the sentence has
 */
export function divideSentence(
  windows: readonly Window[],
  rows: readonly (readonly number[])[],
  tokens: number,
  kind: RowKind,
): Unit[] {
  const sequences = windows.map(({ ids }) => ids);
  if (windows.length < 2) return rows.length + windows.length > 0 ? [{ sequences, rows }] : [];
  const units: Unit[] = [];
  let row = 0;
  for (let from = 0; from < windows.length; ) {
    let to = from + 1;
    while (to < windows.length && (kind === "sentence" || windows[to - 1]!.splitsWord)) to++;
    const places = tokenPlaces(windows.slice(from, to), tokens);
    const end = to < windows.length ? endOfRows(rows, row, places) : rows.length;
    const own = rows.slice(row, end).map((owned) => owned.map((token) => places[token]!));
    units.push({ sequences: sequences.slice(from, to), rows: own });
    row = end;
    from = to;
  }
  return units;
}

/** Where each token of a sentence stands in these windows, one behind the other; −1 for those in other windows. */
function tokenPlaces(windows: readonly Window[], tokens: number): Int32Array {
  const places = new Int32Array(tokens).fill(-1);
  let place = 0;
  for (const window of windows) {
    for (const token of window.tokens) {
      if (token >= 0) places[token] = place;
      place++;
    }
  }
  return places;
}

/** The first row from `row` on whose tokens stand in other windows. */
function endOfRows(rows: readonly (readonly number[])[], row: number, places: Int32Array): number {
  for (let end = row; end < rows.length; end++) {
    const first = rows[end]![0];
    if (first !== undefined && places[first]! < 0) return end;
  }
  return rows.length;
}
