import type { Site } from "../../core/sites.js";
import { contentOf } from "../../corpus/n-grams.js";
import type { Forward, Model, Pooling } from "../../model/model.js";
import type { Encoding } from "../../model/tokenizer.js";

/** What tokens are put before and behind every text. */
export interface Surroundings {
  readonly before: Uint32Array;
  readonly behind: Uint32Array;
}

/** Tokens, and numbers of captured activations, that are read in one batch. */
const batchTokens = 4096;
const batchNumbers = 1 << 24;

/** Reads many short runs of tokens, each alone with a text's special tokens around it, and pools the run's own tokens. */
export class NGramReader {
  /** Runs that were read. */
  count = 0;
  readonly #columns: number;

  constructor(
    readonly model: Model,
    readonly sites: readonly Site[],
    readonly around: Surroundings,
    readonly pool: Pooling,
  ) {
    this.#columns = sites.reduce((sum, { width }) => sum + width, 0);
  }

  /** Tokens of the longest run that the model has positions for. */
  get longest(): number {
    const { before, behind } = this.around;
    return (this.model.encoder?.maximumTokens ?? this.model.maximumTokens) - before.length - behind.length;
  }

  /** One row of all columns per run, in batches: `take(values, first)` is given the rows of runs `first` and following. */
  async each(
    runs: readonly Uint32Array[],
    take: (values: Float32Array, first: number, rows: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const tokens =
      Math.max(...runs.map(({ length }) => length)) + this.around.before.length + this.around.behind.length;
    const rows = Math.max(1, Math.min(Math.floor(batchTokens / tokens), Math.floor(batchNumbers / this.#columns)));
    let last: { forward: Forward; first: number; rows: number } | null = null;
    const finish = async () => {
      if (!last) return;
      const { forward, first, rows } = last;
      using finished = forward;
      last = null;
      take(await finished.captured!.values(), first, rows);
    };
    try {
      for (let first = 0; first < runs.length; first += rows) {
        signal?.throwIfAborted();
        const some = runs.slice(first, first + rows);
        const forward = this.#forward(some);
        await finish();
        last = { forward, first, rows: some.length };
      }
      await finish();
    } finally {
      (last as { forward: Forward } | null)?.forward[Symbol.dispose]();
    }
    this.count += runs.length;
  }

  #forward(runs: readonly Uint32Array[]): Forward {
    const { before, behind } = this.around;
    const sequences = runs.map((ids) => Uint32Array.of(...before, ...ids, ...behind));
    const starts = new Uint32Array(runs.length);
    sequences.forEach(({ length }, i) => {
      if (i + 1 < starts.length) starts[i + 1] = starts[i]! + length;
    });
    const firsts = starts.map((start) => start + before.length);
    const rows = { starts: firsts, ends: firsts.map((first, i) => first + runs[i]!.length), pool: this.pool };
    const read = this.model.encoder ? { sequences: [], sources: sequences } : { sequences };
    return this.model.forward({ ...read, capture: { sites: this.sites, rows } });
  }
}

/** The special tokens of a text, by one of the texts that has other tokens. */
export function surroundingsOf(encodings: readonly Encoding[]): Surroundings {
  const told = encodings.find((encoding) => contentOf(encoding).length > 0);
  if (!told) return { before: new Uint32Array(0), behind: new Uint32Array(0) };
  const { ids, special } = told;
  return { before: ids.slice(0, special.indexOf(0)), behind: ids.slice(special.lastIndexOf(0) + 1) };
}
