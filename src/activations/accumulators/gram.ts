import { type CentralSums, mergeCentralSums } from "../../kernels/central-sums.js";
import { GramSums } from "../../kernels/gram-sums.js";
import type { Accumulator, AccumulatorFactory, TakenBlock } from "../accumulator.js";

/**
 * Central sums of products of every pair of columns, in one pass; `correlationOf` makes Pearson's r of them. Memory:
 * 8 · columns² bytes on the device, and again on the host when it finishes.
 */
export function gramSums(): AccumulatorFactory<CentralSums> {
  return (device, { columns }) => new GramAccumulator(new GramSums(device, columns));
}

class GramAccumulator implements Accumulator<CentralSums> {
  readonly needs = "device";
  #merged: CentralSums | null = null;

  constructor(readonly sums: GramSums) {}

  async add({ buffer, rows }: TakenBlock): Promise<void> {
    if (buffer) await this.sums.add(buffer, rows);
  }

  async merge(other: this): Promise<void> {
    const seen = await other.finish();
    this.#merged = this.#merged ? mergeCentralSums(this.#merged, seen) : seen;
  }

  /** @throws ArgumentError if no row was added */
  async finish(): Promise<CentralSums> {
    if (this.#merged && this.sums.count === 0) return this.#merged;
    const own = await this.sums.central();
    return this.#merged ? mergeCentralSums(own, this.#merged) : own;
  }

  [Symbol.dispose](): void {
    this.sums[Symbol.dispose]();
  }
}
