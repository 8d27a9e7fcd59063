import { generate } from "../../model/generate.js";
import { intervene } from "../../model/intervene.js";
import type { Intervention } from "../../model/interventions.js";
import type { Model } from "../../model/model.js";

/** A prompt continued as the model is, and with one neuron held at a value. */
export interface Continuation {
  readonly prompt: string;
  readonly asItIs: string;
  readonly held: string;
  readonly value: number;
}

/** Continues a prompt greedily up to the end of its line, twice: untouched, and with a neuron held at `value`. */
export async function continueBoth(
  model: Model,
  prompt: string,
  neuron: { readonly site: string; readonly index: number },
  { value, signal }: { readonly value: number; readonly signal: AbortSignal },
): Promise<Continuation> {
  const hold = intervene(neuron.site).neurons(neuron.index).set(value);
  return {
    prompt,
    value,
    asItIs: await write(model, prompt, [], signal),
    held: await write(model, prompt, [hold], signal),
  };
}

async function write(
  model: Model,
  prompt: string,
  interventions: readonly Intervention[],
  signal: AbortSignal,
): Promise<string> {
  const [written] = await generate(model, [prompt], { tokens: 80, stop: "\n", interventions }, { signal });
  return prompt + written!.text;
}
