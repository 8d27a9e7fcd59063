import { type BitMatrix, wordsPerRow } from "../../core/bits.js";
import { ArgumentError } from "../../core/errors.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import { type Plan, Recorder } from "../../device/plan.js";
import { overlapKernel } from "../../kernels/overlap.js";
import type { BeamSearchOptions, NeuronFormulas } from "./beam-search.js";
import { compareChains, compareFormulas, type ScoredFormula, scoreFormula } from "./formula-beam.js";
import { largestSums, MaskBounds, type Reach } from "./formula-bound.js";
import { chainBits, SeenFormulas } from "./seen-formulas.js";

/** The best formula that there is. */
export interface Optimum {
  readonly best: ScoredFormula | null;
  /** Formulas that were counted to prove it. */
  readonly counted: number;
}

/** Formulas whose concepts are counted in one call, concepts that are few enough, and formulas of one length in memory. */
const batchFormulas = 128;
const mostConcepts = 100;
const mostOpen = 1_000_000;

/** A formula that may still lead to the best one. */
interface Open extends ScoredFormula {
  /** The most that an extension of it can score. */
  readonly bound: number;
}

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
    const rows = recorder.parameter("rows");
    recorder.record(
      overlapKernel,
      {
        a: recorder.external("formulas", "u32", [2 * batchFormulas, words]),
        b: recorder.external("concepts", "u32", [concepts.rows, words]),
        counts: recorder.external("counts", "u32", [2 * batchFormulas, concepts.rows]),
      },
      { rowsA: rows, rowsB: concepts.rows, words },
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
    neuron: NeuronFormulas,
    { length, penalty, leastRows }: BeamSearchOptions,
    signal?: AbortSignal,
  ): Promise<Optimum> {
    const { mask, shared, beam } = neuron;
    if (mask < leastRows) return { best: null, counted: 0 };
    const strangers = this.#sizes.map((size, c) => size - shared[c]!);
    const bounds = new MaskBounds(mask, shared, strangers, length);
    const seen = new SeenFormulas(this.#concepts);
    let best = beam[0] ?? null;
    const singles = Array.from(this.#sizes, (size, c) =>
      scoreFormula({ chain: [c * 4], both: shared[c]!, size }, mask, penalty),
    );
    for (const formula of singles) best = better(best, formula);
    let open: Open[] = singles.map((formula) => ({ ...formula, bound: 1 }));
    let counted = open.length;
    for (let leaves = 1; leaves < length; leaves++) {
      const worth = Array.from({ length: length - leaves }, (_, i) => penalty ** (leaves + i));
      const reached = best?.score ?? 0;
      const chosen = open
        .filter(({ bound }) => bound >= reached)
        .sort(compareChains)
        .filter(({ chain }) => seen.add(chain));
      open = [];
      for (let at = 0; at < chosen.length; at += batchFormulas) {
        signal?.throwIfAborted();
        const batch = chosen.slice(at, at + batchFormulas);
        const counts = await this.#count(batch, neuron.bits);
        for (const [i, formula] of batch.entries()) {
          const known = reachOf(formula, counts[i]!, shared, length - leaves);
          if (bounds.bound(known.reach, length - leaves, worth) < (best?.score ?? 0)) continue;
          counted += 3 * shared.length;
          for (const made of extensions(formula, known, { mask, shared, strangers }, penalty)) {
            best = better(best, made);
            if (leaves + 1 === length || made.size === 0) continue;
            const bound = bounds.bound(
              bounds.after(known.reach, made.both, made.size - made.both),
              length - leaves - 1,
              worth.slice(1),
            );
            if (bound >= (best?.score ?? 0)) open.push({ ...made, bound });
          }
        }
        if (open.length > mostOpen) throw tooMany(leaves + 1, length);
      }
    }
    return { best, counted };
  }

  /** What each formula shares with each concept, and what it shares inside the mask. */
  async #count(formulas: readonly ScoredFormula[], mask: Uint32Array): Promise<Counts[]> {
    const words = mask.length;
    const packed = new Uint32Array(2 * formulas.length * words);
    for (const [i, { chain }] of formulas.entries()) {
      const own = chainBits(chain, this.#concepts);
      packed.set(own, 2 * i * words);
      for (let w = 0; w < words; w++) packed[(2 * i + 1) * words + w] = own[w]! & mask[w]!;
    }
    using uploaded = this.#device.upload(packed);
    const { concepts, counts } = this.#buffers;
    const buffers = { formulas: uploaded, concepts, counts };
    this.#device.submit(this.#plan, { buffers, parameters: { rows: 2 * formulas.length } }).done.catch(() => {}); // see the download
    const count = this.#concepts.rows;
    const found = await this.#device.download(counts, new Uint32Array(2 * formulas.length * count));
    return formulas.map((_, i) => {
      const all = found.subarray(2 * i * count, (2 * i + 1) * count);
      const insideBoth = found.subarray((2 * i + 1) * count, (2 * i + 2) * count);
      return { insideBoth, outsideBoth: all.map((rows, c) => rows - insideBoth[c]!) };
    });
  }

  [Symbol.dispose](): void {
    for (const owned of [this.#plan, ...Object.values(this.#buffers)]) owned[Symbol.dispose]();
  }
}

/** |F ∧ c ∧ N| and |(F ∖ N) ∧ c| of each concept. */
interface Counts {
  readonly insideBoth: Uint32Array;
  readonly outsideBoth: Uint32Array;
}

/** Checks that a vocabulary is small enough to prove an optimum. @throws ArgumentError */
export function checkExact(concepts: number): void {
  if (concepts > mostConcepts) {
    throw new ArgumentError("exact", `a vocabulary of at most ${mostConcepts} concepts`, concepts);
  }
}

function reachOf(
  { both, size }: ScoredFormula,
  counts: Counts,
  shared: Uint32Array,
  more: number,
): Counts & { reach: Reach } {
  const { insideBoth, outsideBoth } = counts;
  const reach = {
    inside: both,
    outside: size - both,
    gains: largestSums(more, shared.length, (c) => shared[c]! - insideBoth[c]!),
    losses: largestSums(more, shared.length, (c) => outsideBoth[c]!),
    kept: insideBoth.reduce((most, rows) => Math.max(most, rows), 0),
  };
  return { ...counts, reach };
}

function better(best: ScoredFormula | null, formula: ScoredFormula): ScoredFormula | null {
  if (formula.both === 0) return best;
  return best === null || compareFormulas(formula, best) < 0 ? formula : best;
}

function* extensions(
  { chain }: ScoredFormula,
  { reach, insideBoth, outsideBoth }: Counts & { readonly reach: Reach },
  { mask, shared, strangers }: { readonly mask: number; readonly shared: Uint32Array; readonly strangers: Uint32Array },
  penalty: number,
): Generator<ScoredFormula> {
  const { inside, outside } = reach;
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

function tooMany(leaves: number, length: number): ArgumentError {
  const open = `more than ${mostOpen.toLocaleString("en")} formulas of ${leaves} leaves may lead to the best one of ${length}`;
  return new ArgumentError("exact", "fewer concepts, or shorter formulas (length),", { toString: () => open });
}
