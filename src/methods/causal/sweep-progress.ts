import type { MethodContext } from "../result.js";
import { isWritten, type MetricName } from "./metric.js";
import type { Passage } from "./passages.js";
import type { SweepJob } from "./sweep-jobs.js";

interface SweepProgressOptions extends Pick<MethodContext, "onProgress"> {
  readonly metric: MetricName;
  /** What of a larger sweep the ablations are; left out: all of it. */
  readonly part?: string;
}

/** Says how many tokens of ablated passages are done, or, of what is yet to be written, how many texts. */
export class SweepProgress {
  readonly #written: boolean;
  readonly #total: number;
  readonly #what: string;
  readonly #onProgress: MethodContext["onProgress"];
  #done = 0;

  constructor(passages: readonly Passage[], ablations: number, { metric, part, onProgress }: SweepProgressOptions) {
    this.#written = isWritten(metric);
    const tokens = passages.reduce((sum, { ids }) => sum + ids.length, 0);
    this.#total = ablations * (this.#written ? passages.length : tokens);
    this.#what = `${this.#written ? "texts" : "tokens"} of ablated passages${part ? `, ${part}` : ""}`;
    this.#onProgress = onProgress;
  }

  /** One more batch is done. */
  add({ batch, span, places, resting }: SweepJob): void {
    const each = this.#written ? batch.passages.length : batch.tokens;
    if (span.numbers.length > 0) this.#done += each * (places.length + resting.length);
  }

  show(): void {
    this.#onProgress?.(this.#done, this.#total, this.#what);
  }
}
