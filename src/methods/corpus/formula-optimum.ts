import { type BitMatrix, wordsPerRow } from "../../core/bits.js";
import { ArgumentError } from "../../core/errors.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import { type Plan, Recorder } from "../../device/plan.js";
import { overlapKernel } from "../../kernels/overlap.js";
import type { BeamSearchOptions, NeuronFormulas } from "./beam-search.js";
import { compareChains, compareFormulas, type ScoredFormula, scoreFormula } from "./formula-beam.js";
import { boundExtensions, type FormulaCounts, largestSums } from "./formula-bound.js";
import { chainBits, SeenFormulas } from "./seen-formulas.js";

/** The best formula that there is. */
export interface Optimum {
  readonly best: ScoredFormula | null;
  /** Formulas that were counted to prove it. */
  readonly counted: number;
}

/** Formulas whose concepts are counted in one call, concepts that are few enough, and formulas of one length in memory. */
const batchFormulas = 128;
export const mostExactConcepts = 100;
const mostOpen = 2_000_000;

/**
 * Branch and bound over all chains of all concepts, length by length: a formula is extended only where a bound on all
 * its extensions (src/methods/corpus/formula-bound.ts) reaches the best score so far, and only once for the same rows.
 */
export class OptimumSearch implements Disposable {
  readonly #device: Device;
  readonly #concepts: BitMatrix;
  readonly #sizes: Uint32Array;
  readonly #plan: Plan;
  readonly #buffers: Readonly<Record<"concepts" | "counts", DeviceBuffer>>;

  /** @throws ArgumentError for more concepts than can be searched */
  constructor(device: Device, concepts: BitMatrix, sizes: Uint32Array) {
    checkExact(concepts.rows);
    this.#device = device;
    this.#concepts = concepts;
    this.#sizes = sizes;
    const words = wordsPerRow(concepts.columns);
    const recorder = new Recorder();
    recorder.record(
      overlapKernel,
      {
        a: recorder.external("formulas", "u32", [2 * batchFormulas, words]),
        b: recorder.external("concepts", "u32", [concepts.rows, words]),
        counts: recorder.external("counts", "u32", [2 * batchFormulas, concepts.rows]),
      },
      { rowsA: 2 * batchFormulas, rowsB: concepts.rows, words },
    );
    this.#plan = device.plan(recorder);
    this.#buffers = {
      concepts: device.upload(concepts.bits),
      counts: device.allocate(2 * batchFormulas * concepts.rows * 4),
    };
  }

  /**
   * The best formula for a mask, the shorter and then the earlier one where two tie.
   *
   * @param neuron its mask, and the best formula that a beam found
   * @throws ArgumentError where too many formulas stay open to be kept
   */
  async find(
    { bits, mask, shared, beam }: NeuronFormulas,
    { length, penalty, leastRows }: BeamSearchOptions,
    signal?: AbortSignal,
  ): Promise<Optimum> {
    if (mask < leastRows) return { best: null, counted: 0 };
    const reach = largestSums(length, shared.length, (c) => shared[c]!);
    const seen = new SeenFormulas(this.#concepts);
    let best = beam[0] ?? null;
    let open = Array.from(this.#sizes, (size, c) =>
      scoreFormula({ chain: [c * 4], both: shared[c]!, size }, mask, penalty),
    );
    for (const formula of open) best = better(best, formula);
    let counted = open.length;
    for (let leaves = 1; leaves < length; leaves++) {
      const next: ScoredFormula[] = [];
      const worth = Array.from({ length: length - leaves }, (_, i) => penalty ** (leaves + i));
      open = open.sort(compareChains).filter((formula) => seen.add(formula.chain));
      for (let at = 0; at < open.length; at += batchFormulas) {
        signal?.throwIfAborted();
        const batch = open.slice(at, at + batchFormulas);
        for (const [i, known] of (await this.#count(batch, bits, mask, shared)).entries()) {
          counted += 3 * shared.length;
          if (boundExtensions(known, length - leaves, worth) < (best?.score ?? 0)) continue;
          for (const made of extensions(batch[i]!, known, penalty)) {
            best = better(best, made);
            const last = leaves + 1 === length;
            if (!last && mayReach(made, mask, reach, length, penalty, best?.score ?? 0)) next.push(made);
          }
          if (next.length > mostOpen) throw tooMany(leaves + 1, length);
        }
      }
      open = next;
    }
    return { best, counted };
  }

  /** What each formula shares with each concept, inside the mask and outside. */
  async #count(
    formulas: readonly ScoredFormula[],
    bits: Uint32Array,
    mask: number,
    shared: Uint32Array,
  ): Promise<FormulaCounts[]> {
    const words = bits.length;
    const packed = new Uint32Array(2 * batchFormulas * words);
    for (const [i, { chain }] of formulas.entries()) {
      const own = chainBits(chain, this.#concepts);
      packed.set(own, 2 * i * words);
      packed.set(
        own.map((word, w) => word & bits[w]!),
        (2 * i + 1) * words,
      );
    }
    using uploaded = this.#device.upload(packed);
    const { concepts, counts } = this.#buffers;
    const buffers = { formulas: uploaded, concepts, counts };
    this.#device.submit(this.#plan, { buffers }).done.catch(() => {}); // see the download
    const count = this.#concepts.rows;
    const found = await this.#device.download(counts, new Uint32Array(2 * formulas.length * count));
    const strangers = this.#sizes.map((size, c) => size - shared[c]!);
    return formulas.map(({ both, size }, i) => {
      const all = found.subarray(2 * i * count, (2 * i + 1) * count);
      const insideBoth = found.subarray((2 * i + 1) * count, (2 * i + 2) * count);
      const outsideBoth = all.map((rows, c) => rows - insideBoth[c]!);
      return { mask, shared, strangers, inside: both, outside: size - both, insideBoth, outsideBoth };
    });
  }

  [Symbol.dispose](): void {
    for (const owned of [this.#plan, ...Object.values(this.#buffers)]) owned[Symbol.dispose]();
  }
}

/** Checks that a vocabulary is small enough to prove an optimum. @throws ArgumentError */
export function checkExact(concepts: number): void {
  if (concepts > mostExactConcepts) {
    throw new ArgumentError("exact", `a vocabulary of at most ${mostExactConcepts} concepts`, concepts);
  }
}

function better(best: ScoredFormula | null, formula: ScoredFormula): ScoredFormula | null {
  if (formula.both === 0) return best;
  return best === null || compareFormulas(formula, best) < 0 ? formula : best;
}

function* extensions({ chain }: ScoredFormula, counts: FormulaCounts, penalty: number): Generator<ScoredFormula> {
  const { mask, inside, outside, shared, strangers, insideBoth, outsideBoth } = counts;
  for (let c = 0; c < shared.length; c++) {
    const [t, o] = [insideBoth[c]!, outsideBoth[c]!];
    const made = [
      [inside + shared[c]! - t, outside + strangers[c]! - o],
      [t, o],
      [inside - t, outside - o],
    ] as const;
    for (const [operator, [both, rest]] of made.entries()) {
      yield scoreFormula({ chain: [...chain, c * 4 + operator], both, size: both + rest }, mask, penalty);
    }
  }
}

/** Whether some extension may still be the best, by what concepts can add at most; a formula without rows says nothing. */
function mayReach(
  { chain, both, size }: ScoredFormula,
  mask: number,
  reach: readonly number[],
  length: number,
  penalty: number,
  best: number,
): boolean {
  if (size === 0) return false;
  const more = length - chain.length;
  const joined = Math.min(mask, both + reach[more]!) / (mask + size - both);
  const removed = Math.min(mask, both + reach[more - 1]!) / mask;
  return Math.max(joined, removed) * penalty ** chain.length >= best;
}

function tooMany(leaves: number, length: number): ArgumentError {
  const open = `more than ${mostOpen.toLocaleString("en")} formulas of ${leaves} leaves may lead to the best one of ${length}`;
  return new ArgumentError("exact", "fewer concepts, or shorter formulas (length),", { toString: () => open });
}
