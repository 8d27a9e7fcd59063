import type { Parameter, Value } from "../device/plan.js";
import type { Batch } from "./batch.js";
import type { Config } from "./config.js";
import type { InitialWeights } from "./initial-weights.js";
import type { Linear } from "./linear-product.js";
import type { LensPath, Readout } from "./logit-lens.js";
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
  /** Each direction of a bidirectional layer counts. */
  readonly layers: number;
  /** 2: layers read their input from its end too, and no text goes on in another batch. */
  readonly directions: 1 | 2;
  /** A decoder's whose next step reads its attentional state: one more vector. */
  readonly feeding?: true;
}

/** A head with its weights in place; `heads.ts` makes them. */
export interface NetworkHead extends Head {
  /** Logits of a row. */
  readonly width: number;
  /** A sequence classifier's: the position of the token, among a sequence's ids, that its logits are read from. */
  readonly reads?: (ids: Uint32Array) => number;
  /** A language model's: the linear maps that make logits of what the body gave. */
  readonly readout?: Readout;
  /** The linear map that makes logits of what the body gave; left out or null where that is not all that is done. */
  readonly linear?: Linear | null;
  /** Records rows × width logits of some rows of what the body gave. */
  record(run: Recording, x: Value, rows: Parameter): Value;
}

/** An encoder with its weights in place. */
export interface NetworkEncoder extends Encoder {
  /** null for networks that see a whole sequence at once. */
  readonly recurrence: Recurrence | null;
  /** Records it for the batch of sources. @returns rows × width: what the decoder attends to */
  record(run: Recording): Value;
}

/** Angles of rotary positions that are computed for every batch. */
export interface BatchAngles {
  /** Columns that are turned. */
  readonly width: number;
  /** A row per packed token: cosines, then sines. */
  of(batch: Batch): Float32Array;
}

/** A model's arithmetic with its weights in place: what one file of `architectures/` gives. */
export interface Network {
  /** null where there is none, or none that we compute. */
  readonly head: NetworkHead | null;
  /** All sites, in order. */
  readonly sites: readonly ModelSite[];
  /** Of an encoder-decoder: its decoder's layers and heads. */
  readonly layers: number;
  /** Query heads of a layer; 0 for a recurrent network. */
  readonly heads: number;
  /** null for networks of one stack. */
  readonly encoder: NetworkEncoder | null;
  /** Transformers whose tokens (of an encoder-decoder: the decoder's) see none behind them. */
  readonly causal?: true;
  /** Of the ids that the model predicts. */
  readonly vocabulary: number;
  /** Infinity where positions do not count. */
  readonly maximumTokens: number;
  /** How many token types, such as first and second text of a pair, it tells apart; left out: none. */
  readonly tokenTypes?: number;
  /** Where the angles of positions depend on the batch. */
  readonly angles?: BatchAngles;
  /** The type that its tokenizer gives a special token; all other tokens have 0. Left out: there is no such token. */
  readonly specialType?: { readonly token: string; readonly type: number };
  /** null for networks that see a whole sequence at once. */
  readonly recurrence: Recurrence | null;
  /**
   * How the neurons of a site write to what the head reads, straight and as far as that is linear; null for sites that do
   * not. Left out: such a path is not known of the family.
   */
  lensPath?(site: string): LensPath | null;
  /** Records the input of layer 0, which is the site `embed`, for one packed batch. */
  recordEmbed(run: Recording): Value;
  /** Records layer n from its input. */
  recordLayer(run: Recording, n: number, x: Value): Value;
  /** Records what follows the last layer, up to the head. */
  recordFinal(run: Recording, x: Value): BodyOutput;
}

/** Records everything up to the head for one packed batch; null where there is only an encoder's to be read. */
export function recordBody(run: Recording, network: Network): BodyOutput | null {
  const { source } = run;
  if (source && network.encoder && !run.request.continues) source.output = network.encoder.record(source);
  if (run.request.capacity.tokens === 0) return null;
  let x = network.recordEmbed(run);
  for (let n = 0; n < network.layers; n++) x = network.recordLayer(run, n, x);
  const output = network.recordFinal(run, x);
  run.fork();
  return output;
}

/** Whether logits, targets and losses are of sequences instead of tokens. */
export function classifiesSequences({ head }: Network): boolean {
  return head?.kind === "sequence-classification" || head?.kind === "sequence-scores";
}

/** One family: how its config and weights become a network. */
export interface Architecture {
  /** What tensor names may start with: `bert.`. */
  readonly prefix: string;
  /** How its training begins, where that is not the usual way. */
  readonly initial?: InitialWeights;
  build(config: Config, weights: Weights): Promise<Network>;
}
