import { type Members, membersOf } from "../../activations/accumulators/class-sums.js";
import type { ActivationSource } from "../../activations/source.js";
import { type BitMatrix, wordsPerRow } from "../../core/bits.js";
import type { Concept } from "../../corpus/concepts.js";
import type { RowNumbers } from "../../corpus/numbers.js";
import {
  type BasisControl,
  basisControls,
  type ControlPlace,
  type ControlTarget,
  type Halves,
  halvesOf,
  type Part,
  type SidedScores,
} from "./basis-control.js";

/** How a method scores concepts, columns × concepts. */
type ScoreConcepts = (source: ActivationSource, concepts: BitMatrix) => Promise<SidedScores>;

/** The basis control of every value of a concept; `chance` of a share of rows. */
export async function controlConcepts(
  place: ControlPlace,
  concept: Concept,
  score: ScoreConcepts,
  chance: (share: number) => number,
): Promise<BasisControl[]> {
  const halves = halvesOf(place.source, place.seed);
  return await basisControls(place, conceptTarget(concept, halves, score, chance), halves);
}

/** The basis control of a number of the rows. */
export async function controlNumbers(
  place: ControlPlace,
  numbers: RowNumbers,
  score: (source: ActivationSource, numbers: Float64Array) => Promise<SidedScores>,
): Promise<BasisControl[]> {
  return await basisControls(place, numberTarget(numbers, score), halvesOf(place.source, place.seed));
}

/**
 * The values of a concept as what a control is of. Values that all or none of the rows of a half have cannot be scored there, and are left
 * out.
 */
function conceptTarget(
  { classes, masks }: Concept,
  halves: Halves,
  score: ScoreConcepts,
  chance: (share: number) => number,
): ControlTarget {
  const bits = masks();
  const sizes = (rows: Uint32Array) =>
    countMembers(membersOf(pickColumns(bits, rows, labelsFrom(0, bits.rows))), bits.rows);
  const counts = [halves.chosen, halves.held].map((rows) => ({ rows: rows.length, sizes: sizes(rows) }));
  const kept = labelsFrom(0, bits.rows).filter((label) =>
    counts.every(({ rows, sizes }) => sizes[label]! > 0 && sizes[label]! < rows),
  );
  const of = (rows: Uint32Array, { first, count }: Part) => pickColumns(bits, rows, kept.slice(first, first + count));
  return {
    names: kept.map((label) => classes[label]!),
    score: (source, rows, part) => score(source, of(rows, part)),
    directions: (source, rows, part) => meanDifferences(source, of(rows, part)),
    chance: (rows) => kept.map((label) => chance(sizes(rows)[label]! / rows.length)),
  };
}

/** A number of the rows as what a control is of. Rows that lack it are left out by `score`. */
function numberTarget(
  { key, values }: RowNumbers,
  score: (source: ActivationSource, numbers: Float64Array) => Promise<SidedScores>,
): ControlTarget {
  const of = (rows: Uint32Array) => Float64Array.from(rows, (row) => values[row]!);
  return {
    names: [key],
    score: (source, rows) => score(source, of(rows)),
    directions: (source, rows) => covariances(source, of(rows)),
    chance: () => [0],
  };
}

function labelsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

function pickColumns({ bits, columns }: BitMatrix, rows: Uint32Array, labels: readonly number[]): BitMatrix {
  const from = wordsPerRow(columns);
  const to = wordsPerRow(rows.length);
  const picked = new Uint32Array(labels.length * to);
  labels.forEach((label, i) => {
    rows.forEach((row, at) => {
      if ((bits[label * from + (row >>> 5)]! >>> (row & 31)) & 1) picked[i * to + (at >>> 5)]! |= 1 << (at & 31);
    });
  });
  return { bits: picked, rows: labels.length, columns: rows.length };
}

function countMembers({ pairs }: Members, classes: number): Uint32Array {
  const sizes = new Uint32Array(classes);
  for (let i = 1; i < pairs.length; i += 2) sizes[pairs[i]!]!++;
  return sizes;
}

/** Means of the rows of every class less the means of the others: classes × columns. */
async function meanDifferences(source: ActivationSource, classes: BitMatrix): Promise<Float64Array> {
  const members = membersOf(classes);
  const sizes = countMembers(members, classes.rows);
  const { columns, rows } = source;
  const sums = new Float64Array(classes.rows * columns);
  const whole = new Float64Array(columns);
  await eachRow(source, (row, values) => {
    addTo(whole, values, 1);
    for (let i = members.starts[row]!; i < members.starts[row + 1]!; i++) {
      const label = members.pairs[2 * i + 1]!;
      addTo(sums.subarray(label * columns, (label + 1) * columns), values, 1);
    }
  });
  return sums.map((sum, i) => {
    const size = sizes[Math.floor(i / columns)]!;
    return sum / size - (whole[i % columns]! - sum) / (rows - size);
  });
}

/** Covariance of every column with a number: 1 × columns. */
async function covariances(source: ActivationSource, numbers: Float64Array): Promise<Float64Array> {
  const known = numbers.filter((number) => !Number.isNaN(number));
  const mean = known.reduce((sum, number) => sum + number, 0) / known.length;
  const sums = new Float64Array(source.columns);
  await eachRow(source, (row, values) => {
    const number = numbers[row]!;
    if (!Number.isNaN(number)) addTo(sums, values, number - mean);
  });
  return sums;
}

async function eachRow(source: ActivationSource, see: (row: number, values: Float32Array) => void): Promise<void> {
  const { columns } = source;
  for await (const block of source.blocks()) {
    const values = await block.values();
    for (let row = 0; row < block.rows; row++) {
      see(block.firstRow + row, values.subarray(row * columns, (row + 1) * columns));
    }
  }
}

function addTo(sums: Float64Array, values: Float32Array, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += weight * values[i]!;
}
