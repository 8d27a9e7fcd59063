import type { DeviceBuffer } from "../device/device.js";
import type { Linear } from "./linear.js";

export type Cell = "lstm" | "gru";

/** Gates in the order of `inspect`, with the block of the torch layout that holds each. */
export const gateBlocks = {
  lstm: { input: 0, forget: 1, output: 3, candidate: 2 },
  gru: { reset: 0, update: 1, candidate: 2 },
} as const satisfies Record<Cell, Record<string, number>>;

/** One layer's weights. */
export interface RecurrentLayer {
  readonly cell: Cell;
  readonly width: number;
  /** All gates' input products, for all tokens at once; holds both biases of an LSTM. */
  readonly input: Linear;
  readonly recurrent: Linear;
  /** A GRU's recurrent bias, which its reset gate scales. */
  readonly recurrentBias: DeviceBuffer | null;
  /** A multiplicative LSTM's: the recurrent products are of (x · input) ⊙ (hidden · recurrent) instead of the hidden state. */
  readonly multiplier?: { readonly input: Linear; readonly recurrent: Linear };
}
