import { ArgumentError } from "../core/errors.js";
import { type ForwardRequest, type Model, NO_TARGET, type TextState } from "./model.js";

/** How well a model predicts. */
export interface Loss {
  /** Mean −ln p of the predicted tokens, in nats. */
  readonly loss: number;
  /** The share of them whose arg max was right. */
  readonly accuracy: number;
  /** How many were predicted. */
  readonly tokens: number;
}

export interface LossOptions {
  /** Tokens of a batch at most, or one longer sequence; default 2,048. */
  readonly batchTokens?: number;
  readonly interventions?: readonly Omit<NonNullable<ForwardRequest["interventions"]>[number], "sequence">[];
  readonly signal?: AbortSignal;
}

/** Every token predicts the next one of its sequence; the last one predicts nothing. */
export function nextTokenTargets(sequences: readonly Uint32Array[]): Uint32Array {
  const tokens = sequences.reduce((sum, { length }) => sum + length, 0);
  const targets = new Uint32Array(tokens).fill(NO_TARGET);
  let start = 0;
  for (const sequence of sequences) {
    targets.set(sequence.subarray(1), start);
    start += sequence.length;
  }
  return targets;
}

/**
 * Loss of a causal or recurrent model on some sequences, each alone: every token but the first is predicted.
 *
 * @throws ArgumentError for another kind of model, or if nothing is predicted
 */
export async function meanLoss(
  model: Model,
  sequences: readonly Uint32Array[],
  { batchTokens = 2048, interventions, signal }: LossOptions = {},
): Promise<Loss> {
  if (model.head.kind !== "causal") throw new ArgumentError("model", "one that predicts the next token", model.name);
  const tally = new Tally();
  for (const batch of batchesOf(sequences, batchTokens)) {
    signal?.throwIfAborted();
    const targets = nextTokenTargets(batch);
    using forward = model.forward({ sequences: batch, targets, ...(interventions && { interventions }) });
    tally.add(targets, await forward.losses(), await forward.predictions());
  }
  return tally.finish();
}

/**
 * Loss of a recurrent model on one text, whose state is carried on from piece to piece.
 *
 * @throws ArgumentError for a model that is not recurrent, or a text of fewer than two tokens
 */
export async function streamLoss(
  model: Model,
  ids: Uint32Array,
  { batchTokens = 2048, interventions, signal }: LossOptions = {},
): Promise<Loss> {
  const tally = new Tally();
  if (Number.isFinite(model.maximumTokens)) throw new ArgumentError("model", "a recurrent one, whose state goes on", model.name); // biome-ignore format: one line
  let state: TextState | "start" = "start";
  for (let start = 0; start < ids.length; start += batchTokens) {
    signal?.throwIfAborted();
    const piece = ids.subarray(start, start + batchTokens);
    const targets = new Uint32Array(piece.length).fill(NO_TARGET);
    targets.set(ids.subarray(start + 1, start + 1 + piece.length));
    using forward = model.forward({ sequences: [piece], targets, state, ...(interventions && { interventions }) });
    tally.add(targets, await forward.losses(), await forward.predictions());
    if (state !== "start") state[Symbol.dispose]();
    state = forward.state!;
  }
  if (state !== "start") state[Symbol.dispose]();
  return tally.finish();
}

class Tally {
  #loss = 0;
  #right = 0;
  #tokens = 0;

  add(targets: Uint32Array, losses: Float32Array, predictions: Uint32Array): void {
    targets.forEach((target, token) => {
      if (target === NO_TARGET) return;
      this.#loss += losses[token]!;
      if (predictions[token] === target) this.#right++;
      this.#tokens++;
    });
  }

  finish(): Loss {
    if (this.#tokens === 0) throw new ArgumentError("sequences", "a token to predict", "none");
    return { loss: this.#loss / this.#tokens, accuracy: this.#right / this.#tokens, tokens: this.#tokens };
  }
}

/**
 * Sequences of similar length, of at most `budget` tokens together; a longer one stands alone, an empty one is left
 * out. Similar lengths keep the time steps of a recurrent model full.
 */
function* batchesOf(sequences: readonly Uint32Array[], budget: number): Generator<Uint32Array[]> {
  let batch: Uint32Array[] = [];
  let tokens = 0;
  for (const sequence of sequences.toSorted((a, b) => a.length - b.length)) {
    if (sequence.length === 0) continue;
    if (batch.length > 0 && tokens + sequence.length > budget) {
      yield batch;
      [batch, tokens] = [[], 0];
    }
    batch.push(sequence);
    tokens += sequence.length;
  }
  if (batch.length > 0) yield batch;
}
