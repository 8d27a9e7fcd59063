import { wordsPerRow } from "../core/bits.js";
import { ArgumentError } from "../core/errors.js";
import type { RowTable } from "./rows.js";
import type { Vocabulary, VocabularyConcept } from "./vocabulary.js";
import { readWordVectors } from "./word-vectors.js";

/** How many words stand with a word in NEIGHBORS of it. */
const nearest = 5;

/** A vocabulary, and the file that its neighbours come from, by its fingerprint. */
export interface NeighborVocabulary extends Vocabulary {
  readonly fingerprint: string;
}

/**
 * A vocabulary with NEIGHBORS(word) behind it, for every concept that is a form or a lemma and has a vector: the rows of the
 * word and of its five nearest words in the corpus, by cosine; a word without a vector of its own is looked up in
 * lower case. Mu and Andreas (2020) take neighbours among the words of their corpus too.
 *
 * @param path a text file of word2vec or GloVe vectors
 * @throws FileError for a damaged file; ArgumentError where no word of the vocabulary has a vector
 */
export async function withNeighbors(
  vocabulary: Vocabulary,
  table: RowTable,
  path: string,
): Promise<NeighborVocabulary> {
  const keys = [...new Set(vocabulary.concepts.filter(isWord).map(({ key }) => key))];
  const rowsOf = new Map(keys.map((key) => [key, rowsByValue(table.column(key))]));
  const values = new Set([...rowsOf.values()].flatMap((rows) => [...rows.keys()]));
  const wanted = new Set([...values].flatMap((value) => [value, value.toLowerCase()]));
  const { vectors, fingerprint } = await readWordVectors(path, wanted);
  const made = vocabulary.concepts.filter(isWord).flatMap((concept) => {
    const neighbors = neighborsOf(concept.value, rowsOf.get(concept.key)!, vectors);
    return neighbors.length > 0 ? [{ ...concept, neighbors }] : [];
  });
  if (made.length === 0)
    throw new ArgumentError("neighbors", "vectors of words of the vocabulary (form or lemma)", path);
  const { bits, rows, columns } = vocabulary.bits;
  const words = wordsPerRow(columns);
  const all = new Uint32Array((rows + made.length) * words);
  all.set(bits);
  for (const [i, { key, value, neighbors }] of made.entries()) {
    const own = all.subarray((rows + i) * words, (rows + i + 1) * words);
    for (const word of [value, ...neighbors]) {
      for (const row of rowsOf.get(key)!.get(word) ?? []) own[row >>> 5]! |= 1 << (row & 31);
    }
  }
  return {
    ...vocabulary,
    concepts: [...vocabulary.concepts, ...made],
    bits: { bits: all, rows: rows + made.length, columns },
    fingerprint,
  };
}

function isWord({ key, value }: VocabularyConcept): boolean {
  return /(^|\.)(form|lemma)$/.test(key) && !value.startsWith("~");
}

function rowsByValue(column: ReturnType<RowTable["column"]>): ReadonlyMap<string, number[]> {
  const rows = new Map<string, number[]>();
  column.forEach((cell, row) => {
    for (const value of cell === null ? [] : [cell].flat()) {
      const known = rows.get(value);
      if (known) known.push(row);
      else rows.set(value, [row]);
    }
  });
  return rows;
}

type Vectors = ReadonlyMap<string, Float32Array>;

/** The words of the corpus that are nearest to a word, nearest first; words of one vector count once and come together. */
function neighborsOf(word: string, rows: ReadonlyMap<string, number[]>, vectors: Vectors): string[] {
  const own = spelled(word, vectors);
  const vector = vectors.get(own);
  if (!vector) return [];
  const best: { readonly cosine: number; readonly name: string; readonly words: string[] }[] = [];
  for (const [name, words] of byVector(rows, vectors)) {
    if (name === own) continue;
    const other = vectors.get(name)!;
    let cosine = 0;
    for (let i = 0; i < vector.length; i++) cosine += vector[i]! * other[i]!;
    if (best.length === nearest && cosine <= best[nearest - 1]!.cosine) continue;
    const at = best.findIndex((known) => known.cosine < cosine);
    best.splice(at < 0 ? best.length : at, 0, { cosine, name, words });
    if (best.length > nearest) best.pop();
  }
  return best.flatMap(({ words }) => words);
}

function spelled(word: string, vectors: Vectors): string {
  return vectors.has(word) ? word : word.toLowerCase();
}

const grouped = new WeakMap<ReadonlyMap<string, number[]>, ReadonlyMap<string, string[]>>();

/** The words of the corpus by the name of their vector, in the corpus' order. */
function byVector(rows: ReadonlyMap<string, number[]>, vectors: Vectors): ReadonlyMap<string, string[]> {
  const known = grouped.get(rows);
  if (known) return known;
  const groups = new Map<string, string[]>();
  for (const word of rows.keys()) {
    const name = spelled(word, vectors);
    if (vectors.has(name)) groups.set(name, [...(groups.get(name) ?? []), word]);
  }
  grouped.set(rows, groups);
  return groups;
}
