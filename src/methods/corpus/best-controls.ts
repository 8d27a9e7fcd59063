import type { BasisControl } from "./basis-control.js";

/** Per value the control of the site whose best neuron does best on held-out sentences. */
export function bestControls(controls: readonly BasisControl[]): Map<string, BasisControl> {
  const best = new Map<string, BasisControl>();
  for (const control of controls) {
    const known = best.get(control.value);
    if (!known || control.neuron.score > known.neuron.score) best.set(control.value, control);
  }
  return best;
}
