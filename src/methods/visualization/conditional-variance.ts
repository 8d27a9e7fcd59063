import { accumulate, both } from "../../activations/accumulate.js";
import { type ClassSums, classSums } from "../../activations/accumulators/class-sums.js";
import { type ColumnMoments, moments } from "../../activations/accumulators/moments.js";
import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import { type Concept, classesOf } from "../../corpus/concepts.js";
import { checkOptions } from "../check-options.js";
import { conceptOf } from "../method-concept.js";
import { refuseNonFinite } from "../refuse-non-finite.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankAll } from "./rank-all.js";

/** `conditionalVariance` is what is left of a neuron's variance where the key is known: 1 for noise, 0 for a neuron that the key determines. */
export type ConditionalVarianceRanking = Ranking & {
  readonly conditionalVariance: Float64Array;
  /** How many groups of rows the key makes. */
  readonly groups: number;
};

/** Numbers of group sums that may lie in memory. */
const mostSums = 2 ** 27;

/**
 * Ranks neurons by how well a key of the rows determines them: `position`, `form`, `upos`, `inside-quotes`,
 * `inside-brackets` or any other (Bau et al. 2019). With z the standardised activation, N rows and G groups of rows with
 * the same value:
 *
 *     V = mean of (z − mean of z in its group)² · N / (N − G)        score = 1 − V
 *
 * The factor makes V ≈ 1 for noise whatever the key. Rows that lack the key are a group of their own. V = 1 for a constant neuron.
 * One pass; memory: groups × neurons.
 *
 * @throws ArgumentError for a key that no two rows share, a row of several values, too many groups, and a NaN
 */
export async function conditionalVariance(
  source: ActivationSource,
  options: MethodOptions,
  context: MethodContext = {},
): Promise<ConditionalVarianceRanking> {
  checkOptions("conditional-variance", options, ["concept"]);
  return await rankByGroups("conditional-variance", source, conceptOf(source, options.concept), options, context);
}

/** Conditional variance given a concept, under a method's name. */
export async function rankByGroups(
  method: string,
  source: ActivationSource,
  concept: Concept,
  options: MethodOptions,
  context: MethodContext,
): Promise<ConditionalVarianceRanking> {
  const masks = groupsOf(source, concept);
  const ranking = await rankAll(method, source, options, {}, async (device) => {
    const [columns, sums] = await accumulate(source, device, both(moments(), classSums(masks)), context);
    await refuseNonFinite(source, columns.variance, context);
    const conditionalVariance = withinGroups(columns, sums);
    return { scores: conditionalVariance.map((left) => 1 - left), conditionalVariance, groups: masks.rows };
  });
  return { ...ranking, concept: concept.name };
}

/** Groups × rows: the classes, and those that have none. */
function groupsOf(source: ActivationSource, { name, classes, labels }: Concept) {
  const seen = new Set(labels);
  const { rows, columns } = source;
  if (seen.size >= rows) throw new ArgumentError("concept", "a key that rows share", name.key);
  if (seen.size * columns > mostSums) {
    const most = Math.floor(mostSums / columns);
    throw new ArgumentError("concept", `at most ${most} values of the key, or fewer sites,`, seen.size);
  }
  const cells = Array.from(labels, (label) => (label < 0 ? "without" : `value ${classes[label]}`));
  return classesOf(name, cells).masks();
}

/** Σ (x − mean of its group)² = Σ (x − mean)² − Σ over groups of n (mean of the group − mean)². */
function withinGroups({ mean, variance, rows }: ColumnMoments, { sums, counts }: ClassSums): Float64Array {
  const columns = mean.length;
  return mean.map((center, column) => {
    const all = rows * variance[column]!;
    if (all === 0) return 1;
    let between = 0;
    counts.forEach((count, group) => {
      between += count * (sums[group * columns + column]! / count - center) ** 2;
    });
    return Math.max(0, ((1 - between / all) * rows) / (rows - counts.length));
  });
}
