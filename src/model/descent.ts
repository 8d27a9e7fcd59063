import type { DeviceBuffer } from "../device/device.js";
import type { Value } from "../device/plan.js";

/**
 * How the rows of a matrix follow from those of the texts that they are copies of:
 *
 * - `changed`: they differ in few columns;
 * - `mixed`: they are weighted sums of rows that are known, as after a linear map of changed columns, and after norms of
 *   such sums.
 */
export type Descent = Changed | Mixed;

export interface Changed {
  readonly kind: "changed";
}

/**
 * Rows s · u + t · w + r · v + bias, or s · (u + Σ_k d_k · w_k) + r · v + bias. u is a row of the text, w or w_k what a
 * changed column writes, d_k by how much it changed, v another row of the text.
 */
export interface Mixed {
  readonly kind: "mixed";
  /** u of all texts' tokens, and behind them w of all changed columns. */
  readonly basis: Value;
  /** s, t where one column changes, and r behind a norm, if there is a rest: rows × 1, × 2 or × 3. What is not given is 1:
   * all of it where this is null. */
  readonly shares: Value | null;
  /** Whether it is the norm of a sum: what linear maps read. */
  readonly normed: boolean;
  /** Which u and w a row is made of, or which columns change. */
  readonly terms: Pairs | Changes;
  /** v of all texts' tokens; null where there is none. */
  readonly rest: Value | null;
  /** Of the norm behind which the sum is; null before one, and for RMS norms. */
  readonly bias: DeviceBuffer | null;
  /** Products of the basis and of the rest, by the weight's buffer, and what is the same for all rows. */
  readonly products: Map<DeviceBuffer, KnownProducts>;
}

/** Products of what is known. */
export interface KnownProducts {
  /** Of the basis; where several columns change, of the texts alone. */
  readonly parts: Value;
  /** Where several columns change: what each column of the changed site writes, a row per column; else null. */
  readonly columns: Value | null;
  readonly rest: Value | null;
  readonly constant: Value | null;
}

/** One column changes in a row. */
export interface Pairs {
  readonly kind: "pairs";
  /** The two rows of the basis that each row is made of: rows × 2. */
  readonly index: Value;
}

/** Several columns change in a row: those in which it differs from its text. */
export interface Changes {
  readonly kind: "changes";
  /** The rows that differ: rows × the site's width. */
  readonly after: Value;
  /** The texts' rows. */
  readonly before: Value;
  /** The text's row of each row. */
  readonly index: Value;
  readonly width: number;
}
