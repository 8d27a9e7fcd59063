import { random } from "../src/core/random.js";
import type { Ablation } from "../src/methods/causal/measure.js";
import type { Passage } from "../src/methods/causal/passages.js";
import { NO_TARGET } from "../src/model/model.js";

/** Texts of random tokens. */
export interface RandomTexts {
  readonly texts: number;
  readonly tokens: number;
  readonly vocabulary: number;
  /** Whether each predicts its last token alone, instead of all but the first. */
  readonly last?: boolean;
}

/** Texts of random tokens, and what a causal model is asked to predict of them. */
export function randomPassages({ texts, tokens, vocabulary, last = false }: RandomTexts): Passage[] {
  const uniform = random(texts);
  return Array.from({ length: texts }, (_, sentence) => {
    const ids = Uint32Array.from({ length: tokens }, () => Math.floor(vocabulary * uniform()));
    const targets = Uint32Array.of(...ids.subarray(1), NO_TARGET);
    if (last) targets.fill(NO_TARGET, 0, tokens - 2);
    return { sentence, ids, targets, special: new Uint8Array(tokens), words: new Int32Array(tokens) };
  });
}

/** A neuron that is 0 everywhere. */
export function zeroed(site: string, neuron: number): Ablation {
  return { parts: [{ site, columns: [neuron], operation: "set", value: 0 }] };
}
