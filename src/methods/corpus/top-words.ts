import { accumulate } from "../../activations/accumulate.js";
import { moments } from "../../activations/accumulators/moments.js";
import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import type { Device } from "../../device/device.js";
import { refuseNonFinite } from "../refuse-non-finite.js";
import type { MethodContext } from "../result.js";

/** A word type with the share of its mean |z| in that of the neuron's strongest word, in (0, 1]. */
export interface TopWord {
  readonly word: string;
  readonly score: number;
  /** How many rows read so. */
  readonly count: number;
}

/** Weaker words are left out where all others are asked for. */
const least = 0.1;

/** Numbers of word types × neurons that may lie in memory. */
const mostSums = 2 ** 27;

/**
 * For every neuron the words that move it most (NeuroX): |z|, the distance from the mean in standard deviations, averaged over the
 * rows of each text and divided by the largest such average. Two passes, as the mean comes first; memory: word types × neurons.
 *
 * @param words how many, the strongest first (ties by the word's first row); `all`: those above .1
 * @returns a list per column; empty for a constant neuron
 * @throws ArgumentError for rows without texts or of whole sentences, too many word types, and a number that is not finite
 */
export async function topWords(
  source: ActivationSource,
  device: Device,
  words: number | "all",
  context: MethodContext,
): Promise<TopWord[][]> {
  if (words !== "all" && !(Number.isSafeInteger(words) && words >= 1)) {
    throw new ArgumentError("topWords", "a whole number from 1 on, or all", words);
  }
  const types = typesOf(source);
  const { mean, variance } = await accumulate(source, device, moments(), context);
  await refuseNonFinite(source, variance, context);
  const distances = await sumDistances(source, types.ofRow, types.words.length, mean, context);
  return Array.from(mean, (_, column) => {
    const averages = types.counts.map((count, type) => distances[type * source.columns + column]! / count);
    const largest = Math.max(...averages);
    if (variance[column] === 0 || largest === 0) return [];
    const found = averages.map((average, type) => ({
      word: types.words[type]!,
      score: average / largest,
      count: types.counts[type]!,
    }));
    found.sort((a, b) => b.score - a.score);
    return words === "all" ? found.filter(({ score }) => score > least) : found.slice(0, words);
  });
}

function typesOf({ table, name, columns }: ActivationSource) {
  if (!table || table.kind === "sentence") throw new ArgumentError("source", "rows of tokens or words", name);
  const numbers = new Map<string, number>();
  const counts: number[] = [];
  const ofRow = Uint32Array.from(table.text, (text) => {
    const type = numbers.get(text) ?? numbers.size;
    numbers.set(text, type);
    counts[type] = (counts[type] ?? 0) + 1;
    return type;
  });
  if (numbers.size * columns > mostSums) {
    const most = Math.floor(mostSums / columns);
    throw new ArgumentError("topWords", `rows of at most ${most} different texts, or fewer sites,`, numbers.size);
  }
  return { words: [...numbers.keys()], counts, ofRow };
}

/** Types × columns: Σ |x − mean| over the rows of each type. */
async function sumDistances(
  source: ActivationSource,
  typeOfRow: Uint32Array,
  types: number,
  mean: Float64Array,
  { signal, onProgress }: MethodContext,
): Promise<Float64Array> {
  const { columns, rows } = source;
  const sums = new Float64Array(types * columns);
  for await (const block of source.blocks(signal ? { signal } : {})) {
    const values = await block.values();
    for (let row = 0; row < block.rows; row++) {
      const start = typeOfRow[block.firstRow + row]! * columns;
      for (let column = 0; column < columns; column++) {
        sums[start + column]! += Math.abs(values[row * columns + column]! - mean[column]!);
      }
    }
    onProgress?.(block.firstRow + block.rows, rows, "words");
  }
  return sums;
}
