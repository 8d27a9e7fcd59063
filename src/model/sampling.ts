import { ArgumentError } from "../core/errors.js";
import { hash, hashFurther } from "../core/random.js";

/** How the next token is chosen among all. Each narrows what the one before leaves, in this order. */
export interface SamplingOptions {
  /**
   * Above 1 the logits of tokens that a text has, its prompt included, are divided by it where they are positive and
   * multiplied where they are not (Keskar et al. 2019); default 1.
   */
  readonly repetitionPenalty?: number;
  /** Logits are divided by it; 0 takes the likeliest. Default 0, or 1 where `topK` or `topP` is given. */
  readonly temperature?: number;
  /** So many of the likeliest tokens take part (Fan et al. 2018), and those that are as likely as the last of them. */
  readonly topK?: number;
  /** The fewest of the likeliest take part whose probabilities add up to this (nucleus; Holtzman et al. 2020). */
  readonly topP?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** Everything said. */
export type Sampling = Required<SamplingOptions>;

/** Fills the defaults in. @throws ArgumentError for a number out of its range */
export function samplingOf(options: SamplingOptions): Sampling {
  const sampled = options.topK !== undefined || options.topP !== undefined;
  const { repetitionPenalty = 1, topK = Infinity, topP = 1, seed = 0 } = options;
  const { temperature = sampled ? 1 : 0 } = options;
  const all = { repetitionPenalty, temperature, topK, topP, seed };
  if (!(repetitionPenalty > 0)) throw new ArgumentError("repetitionPenalty", "a number above 0", repetitionPenalty);
  if (!(temperature >= 0)) throw new ArgumentError("temperature", "a number of at least 0", temperature);
  if (topK !== Infinity && !(Number.isInteger(topK) && topK > 0)) throw new ArgumentError("topK", "a positive integer", topK); // biome-ignore format: one line
  if (!(topP > 0 && topP <= 1)) throw new ArgumentError("topP", "a number above 0 and at most 1", topP);
  if (sampled && temperature === 0) throw new ArgumentError("temperature", "a number above 0 beside topK or topP", 0);
  return all;
}

/** Whether every choice is that of the largest logit, which a device finds by itself. */
export function isGreedy({ temperature, repetitionPenalty }: Sampling): boolean {
  return temperature === 0 && repetitionPenalty === 1;
}

/**
 * Chooses a token by its logits: the one with the largest logit / temperature + g, where every token has a Gumbel
 * number g of its own, which gives it the softmax's probability (Gumbel 1954; Maddison et al. 2014).
 *
 * g depends on seed, text, position and token alone, not on what stands beside it or was drawn before. Two devices,
 * whose logits differ in their last bits, therefore choose the same token unless the two best sums are that near to each
 * other (or a token is that near to the edge of `topK` or `topP` and wins): about one in 10⁵ choices, whatever the
 * vocabulary. Going through cumulated probabilities until they exceed one uniform number would fail more often by the
 * number of tokens, as every one of them moves all boundaries behind it, and rounding logits first only moves the ties.
 *
 * @param logits of all tokens; changed by a repetition penalty
 * @param seen the text's tokens
 */
export function chooseToken(
  logits: Float32Array,
  sampling: Sampling,
  seen: Iterable<number>,
  { text, position }: { readonly text: number; readonly position: number },
): number {
  const { repetitionPenalty, temperature, topK, topP, seed } = sampling;
  if (repetitionPenalty !== 1) penalize(logits, new Set(seen), repetitionPenalty);
  const likeliest = indexOfLargest(logits);
  if (temperature === 0) return likeliest;
  const kth = topK < logits.length ? kthLargest(logits, topK) : -Infinity;
  const least = topP < 1 ? Math.max(kth, nucleus(logits, { kth, temperature, topP })) : kth;
  return race(logits, { likeliest, least, temperature, place: hash(seed, text, position) });
}

function penalize(logits: Float32Array, seen: ReadonlySet<number>, penalty: number): void {
  for (const id of seen) logits[id] = logits[id]! > 0 ? logits[id]! / penalty : logits[id]! * penalty;
}

/** The first of the largest. */
function indexOfLargest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** The k-th largest value, by a heap of k whose root is its smallest. */
function kthLargest(values: Float32Array, k: number): number {
  const heap = values.slice(0, k).sort(); // ascending: a heap
  for (let i = k; i < values.length; i++) {
    if (values[i]! <= heap[0]!) continue;
    heap[0] = values[i]!;
    sink(heap);
  }
  return heap[0]!;
}

function sink(heap: Float32Array): void {
  for (let at = 0, child = 1; child < heap.length; at = child, child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
    if (heap[at]! <= heap[child]!) return;
    const value = heap[at]!;
    heap[at] = heap[child]!;
    heap[child] = value;
  }
}

/** The smallest logit of the nucleus among the logits of at least `kth`; probabilities in float64. */
function nucleus(
  logits: Float32Array,
  { kth, temperature, topP }: { readonly kth: number; readonly temperature: number; readonly topP: number },
): number {
  const largest = logits[indexOfLargest(logits)]!;
  const weight = (logit: number) => Math.exp((logit - largest) / temperature);
  let total = 0;
  for (const logit of logits) if (logit >= kth) total += weight(logit);
  for (let reach = 4; ; reach *= 2) {
    const edge = Math.max(kth, largest - reach * temperature);
    let [mass, least] = [0, largest];
    for (const logit of logits
      .filter((logit) => logit >= edge)
      .sort()
      .reverse()) {
      if (mass >= topP * total) return least;
      mass += weight(logit);
      least = logit;
    }
    if (mass >= topP * total || edge === kth || reach > 1e6) return least;
  }
}

/** No Gumbel number made of 32 bits is larger. */
const largestGumbel = 23;

/** The token of at least `least` whose sum wins. The likeliest starts, so that most others lose without a logarithm. */
function race(
  logits: Float32Array,
  given: { readonly likeliest: number; readonly least: number; readonly temperature: number; readonly place: number },
): number {
  const { likeliest, least, temperature, place } = given;
  let winner = likeliest;
  let best = logits[likeliest]! / temperature + gumbel(hashFurther(place, likeliest));
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit < least || id === likeliest) continue;
    const needed = best - logit / temperature;
    if (needed > largestGumbel) continue;
    const bits = hashFurther(place, id);
    if (1 - (bits + 0.5) / 2 ** 32 >= Math.exp(-needed)) continue; // g = −ln(−ln u) ≤ −ln(1 − u)
    const sum = logit / temperature + gumbel(bits);
    if (sum > best) [winner, best] = [id, sum];
  }
  return winner;
}

function gumbel(bits: number): number {
  return -Math.log(-Math.log((bits + 0.5) / 2 ** 32));
}
