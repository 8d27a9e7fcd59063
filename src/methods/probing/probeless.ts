import { accumulate, both } from "../../activations/accumulate.js";
import { type ClassSums, classSums } from "../../activations/accumulators/class-sums.js";
import { type ColumnMoments, moments } from "../../activations/accumulators/moments.js";
import type { ActivationSource } from "../../activations/source.js";
import { checkKnown } from "../../core/suggest.js";
import type { Concept } from "../../corpus/concepts.js";
import { checkOptions } from "../check-options.js";
import { rankByConcept } from "../concept-ranking.js";
import { conceptOf } from "../method-concept.js";
import { onDevice } from "../method-device.js";
import { rankScores } from "../order.js";
import { provenanceOf } from "../provenance.js";
import { refuseNonFinite } from "../refuse-non-finite.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { sumDistances } from "./sum-distances.js";

export interface ProbelessOptions extends MethodOptions {
  /** `antverg`: raw class means, whose scores follow a neuron's scale, as the authors have them. */
  readonly compat?: "antverg";
}

/**
 * Ranks neurons by how far apart the means of classes lie (Antverg and Belinkov 2022), without a probe.
 *
 * With q_z the mean of class z on standardised columns: score = Σ_{z<z'} |q_z − q_z'|, and Σ_z' |q_z − q_z'| for the
 * value z of a KEY (`best` is the value whose sum is largest). For KEY=VALUE: |q of its rows − q of all others|.
 * A constant neuron scores 0. One pass for all neurons and values.
 *
 * @throws ArgumentError that names row and neuron of a NaN
 */
export async function probeless(
  source: ActivationSource,
  options: ProbelessOptions,
  context: MethodContext = {},
): Promise<Ranking> {
  checkOptions("probeless", options, ["concept", "compat"]);
  const { compat, seed = 0 } = options;
  if (compat !== undefined) checkKnown("compat", compat, ["antverg"]);
  const concept = conceptOf(source, options.concept);
  return await onDevice(options.device ?? source.device, async (device) => {
    const [columns, classes] = await accumulate(source, device, both(moments(), classSums(concept.masks())), context);
    await refuseNonFinite(source, columns.variance, context);
    const means = classMeans(columns, classes, compat === "antverg" ? "raw" : "standardised");
    return {
      kind: "ranking",
      method: "probeless",
      concept: concept.name,
      sites: source.sites,
      ...scoreMeans(concept, means, source.columns),
      options: compat ? { compat } : {},
      provenance: await provenanceOf(source, device, seed),
    };
  });
}

/** Columns × classes; a single class has all other rows as its second. */
function classMeans(columns: ColumnMoments, { sums, counts }: ClassSums, scale: "raw" | "standardised"): Float64Array {
  const width = columns.mean.length;
  const classes = counts.length === 1 ? 2 : counts.length;
  const means = new Float64Array(width * classes);
  for (let column = 0; column < width; column++) {
    const mean = columns.mean[column]!;
    const deviation = Math.sqrt(columns.variance[column]!);
    const place = (value: number) => (scale === "raw" ? value : deviation === 0 ? 0 : (value - mean) / deviation);
    counts.forEach((count, label) => {
      means[column * classes + label] = place(sums[label * width + column]! / count);
    });
    if (counts.length > 1) continue;
    const rest = (mean * columns.rows - sums[column]!) / (columns.rows - counts[0]!);
    means[column * 2 + 1] = place(rest);
  }
  return means;
}

function scoreMeans(concept: Concept, means: Float64Array, columns: number) {
  const classes = means.length / columns;
  const perClass = sumDistances(means, classes);
  const totals = Float64Array.from({ length: columns }, (_, column) => {
    let sum = 0;
    for (let label = 0; label < classes; label++) sum += perClass[column * classes + label]!;
    return sum / 2;
  });
  if (concept.classes.length === 1) return rankByConcept({ ...concept, ...yesOrNo(concept) }, totals, {});
  return { ...rankByConcept(concept, perClass, {}), ...rankScores(totals) };
}

/** The name under which one class is ranked alone. */
function yesOrNo({ name, classes }: Concept) {
  return { name: { key: name.key, value: name.value ?? classes[0] ?? null } };
}
