import { ArgumentError } from "../../core/errors.js";
import type { Model } from "../../model/model.js";

/** A token and what a neuron adds to its logit for each unit of its activation. */
export interface TokenEffect {
  readonly id: number;
  readonly token: string;
  readonly effect: number;
}

/** The tokens that a neuron raises and lowers most, the strongest first. */
export interface NeuronLens {
  readonly neuron: string;
  readonly raised: readonly TokenEffect[];
  readonly lowered: readonly TokenEffect[];
}

export interface LogitLensOptions {
  /** Tokens on each side (default 10). */
  readonly top?: number;
}

/**
 * The tokens whose logits neurons raise and lower most when they grow, straight to the head (nostalgebraist 2020; Geva
 * et al. 2022): the row of the output projection of `mlp.hidden` and `attention.heads`, the unit vector of sites as wide as
 * the residual stream, times the gain of the last norm, through the unembedding, centred over the vocabulary. A masked model's
 * head brings its transform (without its nonlinearity) and its norm. Ties go to the lower id.
 *
 * @param neurons names such as `layers.3.mlp.hidden:871`
 * @throws ArgumentError for a neuron that does not write to the residual stream, and a model without a language model's head
 */
export async function logitLens(
  model: Model,
  neurons: readonly string[],
  { top = 10 }: LogitLensOptions = {},
): Promise<NeuronLens[]> {
  if (!Number.isSafeInteger(top) || top < 1) throw new ArgumentError("top", "a whole number from 1 on", top);
  if (!model.logitLens) throw new ArgumentError("model", "a model of files", model.name);
  const found: NeuronLens[] = [];
  for (const neuron of neurons) {
    const [, site, index] = /^(.+):(\d+)$/.exec(neuron) ?? [];
    if (site === undefined) throw new ArgumentError("neuron", "SITE:INDEX, such as layers.3.mlp.hidden:871", neuron);
    found.push({ neuron, ...strongest(model, await model.logitLens(site, Uint32Array.of(Number(index))), top) });
  }
  return found;
}

function strongest({ targetTokenizer }: Model, effects: Float32Array, top: number): Omit<NeuronLens, "neuron"> {
  const ids = Uint32Array.from(effects, (_, id) => id).sort((a, b) => effects[b]! - effects[a]! || a - b);
  const describe = (id: number) => ({ id, token: targetTokenizer.token(id) ?? `id ${id}`, effect: effects[id]! });
  const falling = Uint32Array.from(ids).sort((a, b) => effects[a]! - effects[b]! || a - b);
  return {
    raised: Array.from(ids.subarray(0, top), describe),
    lowered: Array.from(falling.subarray(0, top), describe),
  };
}
