import { ArgumentError } from "../core/errors.js";
import type { Intervention } from "./interventions.js";
import { type Model, NO_TARGET, type TextState } from "./model.js";

export interface GreedyOptions {
  /** How many tokens are added at most. */
  readonly tokens: number;
  /** Active at every step and position; they name no sequence. */
  readonly interventions?: readonly Omit<Intervention, "sequence">[];
  /** An id behind which the text ends; it is kept. */
  readonly stop?: number;
  readonly signal?: AbortSignal;
}

/**
 * Continues a text with the likeliest token, again and again. A recurrent model carries its state
 * on; another model reads the whole text anew for every token.
 *
 * @returns the prompt and what follows it; shorter than asked for at `stop` or at the model's last position
 * @throws ArgumentError for an empty prompt, or a model that does not predict the next token
 */
export async function continueGreedily(
  model: Model,
  prompt: Uint32Array,
  { tokens, interventions = [], stop, signal }: GreedyOptions,
): Promise<Uint32Array> {
  if (model.head.kind !== "causal") throw new ArgumentError("model", "one that predicts the next token", model.name);
  if (prompt.length === 0) throw new ArgumentError("prompt", "at least one token", "none");
  const length = Math.min(prompt.length + tokens, model.maximumTokens);
  const recurrent = model.maximumTokens === Number.POSITIVE_INFINITY;
  const ids = Array.from(prompt);
  let state: TextState | "start" = "start";
  while (ids.length < length && (ids.length === prompt.length || ids.at(-1) !== stop)) {
    signal?.throwIfAborted();
    const read = Uint32Array.from(state === "start" ? ids : ids.slice(-1));
    const targets = new Uint32Array(read.length).fill(NO_TARGET, 0, -1); // any id: what is asked for is the likeliest
    using forward = model.forward({ sequences: [read], targets, interventions, ...(recurrent && { state }) });
    ids.push((await forward.predictions()).at(-1)!);
    if (state !== "start") state[Symbol.dispose]();
    state = forward.state ?? "start";
  }
  if (state !== "start") state[Symbol.dispose]();
  return Uint32Array.from(ids);
}
