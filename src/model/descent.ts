import type { DeviceBuffer } from "../device/device.js";
import type { Value } from "../device/plan.js";

/**
 * How the rows of a matrix follow from those of the texts that they are copies of. With u the row of the text, w what the
 * one changed neuron writes and d the difference of its value:
 *
 * - `changed`: they differ in few columns;
 * - `sum`: a row is u + d · w;
 * - `normed`: it is the norm of such a sum.
 */
export type Descent = Changed | Sum | NormedSum;

export interface Changed {
  readonly kind: "changed";
}

export interface Sum {
  readonly kind: "sum";
  /** u of all texts' tokens, and behind them w of all changed neurons. */
  readonly basis: Value;
  /** d of every row. */
  readonly difference: Value;
}

export interface NormedSum {
  readonly kind: "normed";
  /** Norms of the basis, without the norm's bias. */
  readonly basis: Value;
  /** The two rows of that basis that each row is made of, and how much of them it has: rows × 2. */
  readonly index: Value;
  readonly shares: Value;
  /** The norm's bias; null for RMS norms. */
  readonly bias: DeviceBuffer | null;
  /** Products of the basis, by the weight's buffer, and what is the same for all rows. */
  readonly products: Map<DeviceBuffer, { readonly parts: Value; readonly constant: Value | null }>;
}
