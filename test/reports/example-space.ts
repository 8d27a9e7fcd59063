import { normal, random } from "../../src/core/random.js";
import type { Order, Provenance } from "../../src/methods/result.js";

/** Where every example comes from. */
export const provenance: Provenance = {
  model: "4f1d0e6a2b7c9d8e5f3a1b0c4d6e8f7a9b2c3d4e5f60718293a4b5c6d7e8f901",
  corpus: "aa41b2c3d4e5f60718293a4b5c6d7e8f901234567890abcdef1234567890abcd",
  activations: null,
  version: "0.1.0",
  device: "native",
  seed: 0,
};

/** Four layers of 48 neurons. */
export const sites = Array.from({ length: 4 }, (_, layer) => ({
  name: `layers.${layer}.mlp.hidden`,
  width: 48,
  offset: 48 * layer,
}));

export const columns = 192;

/** Scores, best first. */
export function orderOf(scores: Float64Array): Order {
  const order = Uint32Array.from(scores, (_, column) => column).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return { order, scores };
}

/** Scores as drawn, higher in the upper layers. */
export function scoresOf(seed: number): Order {
  const draw = normal(random(seed));
  return orderOf(
    Float64Array.from({ length: columns }, (_, column) => 1 / (1 + Math.exp(2 - draw() - (column > 96 ? 0.8 : 0)))),
  );
}
