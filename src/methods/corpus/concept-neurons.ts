import type { NeuronFormulas } from "./beam-search.js";

/** A neuron and how well its mask fits a concept alone. */
export interface ConceptNeuron {
  readonly column: number;
  readonly iou: number;
}

/** Collects, for every concept, the neurons whose masks fit it best; ties go to the lower column. */
export class ConceptNeurons {
  readonly #best: ConceptNeuron[][];
  readonly #sizes: Uint32Array;
  readonly #most: number;

  /** @param sizes rows of each concept */
  constructor(sizes: Uint32Array, most: number) {
    this.#sizes = sizes;
    this.#most = most;
    this.#best = Array.from(sizes, () => []);
  }

  add({ column, mask, shared }: Pick<NeuronFormulas, "column" | "mask" | "shared">): void {
    for (let concept = 0; concept < this.#sizes.length; concept++) {
      const both = shared[concept]!;
      if (both === 0) continue;
      const best = this.#best[concept]!;
      const iou = both / (mask + this.#sizes[concept]! - both);
      if (best.length === this.#most && iou <= best[this.#most - 1]!.iou) continue;
      let at = Math.min(best.length, this.#most - 1);
      while (at > 0 && best[at - 1]!.iou < iou) at--;
      best.splice(at, 0, { column, iou });
      if (best.length > this.#most) best.pop();
    }
  }

  /** The best neurons of each concept, best first. */
  finish(): readonly (readonly ConceptNeuron[])[] {
    return this.#best;
  }
}
