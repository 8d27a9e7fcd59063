import type { Parameter, Value } from "../device/plan.js";
import type { Config } from "./config.js";
import type { Encoder, Head } from "./model.js";
import type { Recording } from "./recording.js";
import type { ModelSite } from "./sites.js";
import type { Weights } from "./weights.js";

/** What the body of a network hands to its head. */
export interface BodyOutput {
  /** rows × width: what the head reads. */
  readonly last: Value;
  /** rows × width: the last layer's residual (recurrent: its hidden state). */
  readonly residual: Value;
}

/** A recurrent network's memory. */
export interface Recurrence {
  /** Hidden state and, for an LSTM, cell: vectors per layer. */
  readonly vectors: number;
  readonly width: number;
  readonly layers: number;
}

/** A model's arithmetic with its weights in place: what one file of `architectures/` gives. */
export interface Network {
  readonly head: Head;
  /** All sites, in order. */
  readonly sites: readonly ModelSite[];
  /** Of an encoder-decoder: its decoder's layers and heads. */
  readonly layers: number;
  /** Query heads of a layer; 0 for a recurrent network. */
  readonly heads: number;
  /** null for networks of one stack. */
  readonly encoder: Encoder | null;
  /** Of the ids that the model predicts. */
  readonly vocabulary: number;
  /** Infinity where positions do not count. */
  readonly maximumTokens: number;
  /** null for networks that see a whole sequence at once. */
  readonly recurrence: Recurrence | null;
  /** Records everything up to the head for one packed batch. */
  recordBody(run: Recording): BodyOutput;
  /** Records rows × vocabulary logits of some rows of what the body gave. Not called where `head` is `none`. */
  recordLogits(run: Recording, x: Value, rows: Parameter): Value;
}

/** One family: how its config and weights become a network. */
export interface Architecture {
  /** What tensor names may start with: `bert.`. */
  readonly prefix: string;
  build(config: Config, weights: Weights): Promise<Network>;
}
