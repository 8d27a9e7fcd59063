import type { CurveIntervals } from "../methods/causal/point-intervals.js";
import type { Contexts } from "../methods/corpus/contexts.js";
import type { Explanation } from "../methods/corpus/explanation.js";
import type { Maximization } from "../methods/corpus/maximization.js";
import type { ConceptAlignment } from "../methods/corpus/replicated-text.js";
import type { Grouping, Ranking } from "../methods/result.js";
import type { AnyResult } from "../methods/result-check.js";

/** How alike sources are, each with each. */
export interface SimilarityResult extends AnyResult {
  readonly sources: readonly string[];
  readonly values: readonly (readonly number[])[];
}

/** A metric after ablating the top, random and bottom neurons of a ranking. */
export interface CurveResult extends AnyResult {
  readonly of?: unknown;
  readonly values: {
    readonly fractions: readonly number[];
    readonly counts: readonly number[];
    readonly top: readonly number[];
    readonly random: readonly number[];
    readonly bottom: readonly number[];
    readonly baseline: number;
    readonly metric?: string;
    readonly draws?: readonly (readonly number[])[];
    readonly intervals?: Pick<CurveIntervals, "top" | "random" | "bottom">;
  };
}

export function isRanking(result: AnyResult): result is Ranking & AnyResult {
  return result.kind === "ranking" && "order" in result && "scores" in result && "sites" in result;
}

export function isGrouping(result: AnyResult): result is Grouping & AnyResult {
  return result.kind === "grouping" && "groups" in result && "labels" in result;
}

export function isSimilarity(result: AnyResult): result is SimilarityResult {
  return result.kind === "similarity" && "sources" in result && "values" in result;
}

export function isCurve(result: AnyResult): result is CurveResult {
  if (result.kind !== "evaluation" || !("values" in result)) return false;
  const { values } = result;
  return (
    typeof values === "object" && values !== null && "fractions" in values && "top" in values && "bottom" in values
  );
}

export function isContexts(result: AnyResult): result is Contexts {
  return result.kind === "contexts" && "neurons" in result;
}

export function isExplanation(result: AnyResult): result is Explanation & AnyResult {
  return result.kind === "explanation" && "neurons" in result && "concepts" in result;
}

export function isAlignment(result: AnyResult): result is ConceptAlignment & AnyResult {
  return result.kind === "alignment" && "neurons" in result && "candidates" in result;
}

export function isMaximization(result: AnyResult): result is Maximization {
  return result.kind === "maximization" && "targets" in result;
}
