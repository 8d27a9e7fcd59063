import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import type { Concept } from "../../corpus/concepts.js";
import { labelNumbers, numbersOf, type RowNumbers } from "../../corpus/numbers.js";
import { checkOptions } from "../check-options.js";
import { onDevice } from "../method-device.js";
import { rankScores } from "../order.js";
import { provenanceOf } from "../provenance.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import type { BasisControl } from "./basis-control.js";
import { controlNumbers } from "./control-targets.js";
import { sourceCorrelations } from "./source-spearman.js";

export interface SpearmanOptions extends MethodOptions {
  /** Beside the best neuron of every site: a random rotation's and the covariance with the number (src/methods/corpus/basis-control.ts). */
  readonly controls?: boolean;
}

export interface SpearmanRanking extends Ranking {
  /** Whether a neuron grows with the number (1) or falls (−1). */
  readonly signs: Int8Array;
  /** The share of the number's variance that a linear fit by the neuron's activation explains. */
  readonly r2: Float64Array;
  readonly controls?: readonly BasisControl[];
}

/**
 * Ranks neurons by how closely they follow a number of the rows: |ρ|, Spearman's rank correlation with ties at their mean
 * rank; 0 for a constant neuron. `concept` is `position`, `relative-position`, `length`, `log-frequency`, `depth` or any
 * key whose values are numbers (src/corpus/numbers.ts); rows that lack it are left out. One sort of every neuron.
 *
 * @throws ArgumentError for a key without numbers, and a NaN (with row and neuron)
 */
export async function spearman(
  source: ActivationSource,
  options: SpearmanOptions,
  context: MethodContext = {},
): Promise<SpearmanRanking> {
  checkOptions("spearman", options, ["concept", "controls"]);
  const { controls, seed = 0 } = options;
  const numbers = numbersFor(source, options.concept);
  return await onDevice(options.device ?? source.device, async (device) => {
    const { rho, r2 } = await sourceCorrelations(source, device, numbers.values, context);
    return {
      kind: "ranking",
      method: "spearman",
      concept: { key: numbers.key, value: null },
      sites: source.sites,
      ...rankScores(rho.map(Math.abs)),
      signs: Int8Array.from(rho, (value) => (value < 0 ? -1 : 1)),
      r2,
      ...(controls && {
        controls: await controlNumbers({ source, device, seed, context }, numbers, async (rows, values) => {
          const { rho } = await sourceCorrelations(rows, device, values, context);
          return { positive: rho, negative: rho.map((value) => -value) };
        }),
      }),
      options: controls ? { controls } : {},
      provenance: await provenanceOf(source, device, seed),
    };
  });
}

function numbersFor(source: ActivationSource, concept: string | Concept | undefined): RowNumbers {
  if (concept === undefined) throw new ArgumentError("concept", "a key with numbers, such as position", concept);
  if (typeof concept !== "string") {
    if (concept.labels.length === source.rows) return labelNumbers(concept);
    throw new ArgumentError("labels", `${source.rows} labels, one a row of ${source.name}`, concept.labels.length);
  }
  if (source.table) return numbersOf(source.table, concept);
  throw new ArgumentError("concept", `labels, as the rows of ${source.name} have no annotations,`, concept);
}
