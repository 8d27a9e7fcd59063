import type { AnyResult } from "../methods/result-check.js";
import { alignmentSection } from "./alignment-section.js";
import { contextsSection } from "./contexts-section.js";
import { evaluationSection } from "./evaluation-section.js";
import { explanationSection } from "./explanation-section.js";
import { groupingSection } from "./grouping-section.js";
import type { Html } from "./html.js";
import {
  isAlignment,
  isContexts,
  isCurve,
  isExplanation,
  isGrouping,
  isMaximization,
  isRanking,
  isSimilarity,
} from "./kinds.js";
import { maximizationSection } from "./maximization-section.js";
import type { Numbering } from "./numbering.js";
import { plainSection } from "./plain-section.js";
import { rankingSection } from "./ranking-section.js";
import { similaritySection } from "./similarity-section.js";

/** A result as a section of the report: by its kind, and whatever else as a table of its values. */
export function sectionOf(result: AnyResult, numbering: Numbering): Html {
  if (isRanking(result)) return rankingSection(result, numbering);
  if (isGrouping(result)) return groupingSection(result, numbering);
  if (isSimilarity(result)) return similaritySection(result, numbering);
  if (isCurve(result)) return evaluationSection(result, numbering);
  if (isContexts(result)) return contextsSection(result, numbering);
  if (isAlignment(result)) return alignmentSection(result, numbering);
  if (isMaximization(result)) return maximizationSection(result, numbering);
  if (isExplanation(result)) return explanationSection(result, numbering);
  return plainSection(result, numbering);
}
