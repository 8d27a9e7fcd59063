import type { Value } from "../device/plan.js";
import type { Recording } from "./recording.js";
import type { RecurrentLayer } from "./recurrent-cell.js";
import { loadRecurrentLayer, recordBidirectionalLayer, recordRecurrentLayer } from "./recurrent-layer.js";
import type { RecurrentWidths } from "./recurrent-sites.js";
import type { Weights } from "./weights.js";

/** A layer of a torch LSTM or GRU. */
export interface StackLayer {
  readonly forward: RecurrentLayer;
  /** null where the layer reads in one direction. */
  readonly backward: RecurrentLayer | null;
}

/** Loads all layers of a torch LSTM or GRU, of one or both directions. @param name the module's */
export async function loadRecurrentStack(
  weights: Weights,
  name: string,
  { cell, embedding, width, layers, directions }: RecurrentWidths,
): Promise<StackLayer[]> {
  const stack: StackLayer[] = [];
  for (let n = 0; n < layers; n++) {
    const source = { name, cell, width, inputs: n === 0 ? embedding : width * (directions ? 2 : 1) };
    const forward = await loadRecurrentLayer(weights, n, source);
    const backward = directions ? await loadRecurrentLayer(weights, n, { ...source, direction: "backward" }) : null;
    stack.push({ forward, backward });
  }
  return stack;
}

/** Records layer n. @returns hidden states, one row per token, those of both directions side by side */
export function recordStackLayer(run: Recording, n: number, x: Value, { forward, backward }: StackLayer): Value {
  if (!backward) return recordRecurrentLayer(run, n, x, forward);
  return recordBidirectionalLayer(run, n, x, { forward, backward });
}
