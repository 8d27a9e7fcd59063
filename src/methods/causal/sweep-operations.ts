import type { PassageBatch } from "./batches.js";
import type { BatchSums } from "./measure-batch.js";
import type { SweepJob } from "./sweep-jobs.js";

/** Multiplications and additions of a model's linear maps. */
export interface SweepOperations {
  /** Of all ablations, as they were computed. */
  readonly sweep: number;
  /** Of one whole pass of the model for every ablation. */
  readonly wholePasses: number;
}

/** Adds up the operations of a sweep's batches, in their order. */
export class OperationsOfJobs implements SweepOperations {
  sweep = 0;
  wholePasses = 0;
  #passages: PassageBatch | null = null;
  /** What hangs on the present passages alone and is known: it differs by where copies part from them. */
  readonly #known = new Set<number>();

  /** @param ablations of the whole sweep */
  constructor(readonly ablations: number) {}

  add({ batch, span, looking }: SweepJob, { operations, ofTexts }: BatchSums): void {
    if (span.numbers.length === 0) {
      this.wholePasses += (operations + looking) * this.ablations;
      return;
    }
    if (this.#passages !== batch) this.#known.clear();
    this.#passages = batch;
    this.sweep += looking + operations - (this.#known.has(ofTexts) ? ofTexts : 0);
    this.#known.add(ofTexts);
  }
}
