import { ArgumentError } from "../core/errors.js";
import { expectWritable } from "../core/files.js";
import type { ReplacementName } from "../methods/causal/replacement.js";
import { unitName } from "../methods/causal/unit-name.js";
import type { Explanation } from "../methods/corpus/explanation.js";
import type { Maximization } from "../methods/corpus/maximization.js";
import type { Ranking } from "../methods/result.js";
import type { AnyResult } from "../methods/result-check.js";
import { writeResult } from "../methods/result-file.js";
import { isAlignment, isContexts, isExplanation, isGrouping, isMaximization, isRanking } from "../reports/kinds.js";
import { controlLines } from "./control-lines.js";
import { curveLines, isCurve } from "./curve-lines.js";
import { damageLines, describeDamage, isDamage, othersText } from "./damage-lines.js";
import { interactionLines } from "./interaction-lines.js";
import { intervalText } from "./interval-text.js";
import type { Session } from "./session.js";

/** The option that says where a result goes, where there may be none. */
export const optionalOut = { kind: "text", value: "FILE.json", help: "where the result goes" } as const;

/** The option that says where a result goes. */
export const outOption = { ...optionalOut, required: true } as const;

/** Checks before long work that a result can be written. @throws ArgumentError, FileError */
export async function expectOut(path: string, ending = ".json"): Promise<void> {
  if (!path.toLowerCase().endsWith(ending))
    throw new ArgumentError("--out", `a file name that ends in ${ending}`, path);
  await expectWritable(path);
}

/** Writes a result and says on stdout what it found, in a few lines. */
export async function finish(path: string, result: AnyResult, session: Session): Promise<void> {
  await writeResult(path, result, session.signal);
  const best = isRanking(result) ? bestOf(result) : isExplanation(result) ? bestExplained(result) : [];
  if (session.json) {
    session.print(JSON.stringify({ out: path, kind: result.kind, method: result.method, best }));
    return;
  }
  const lines = isCurve(result)
    ? curveLines(result.values)
    : [
        ...best.map(showNeuron),
        ...controlLines(result),
        ...(isRanking(result) ? interactionLines(result) : []),
        ...(isRanking(result) && isDamage(result) ? damageLines(result) : []),
      ];
  session.print([`${path}: ${describe(result)}`, ...lines].join("\n"));
}

function describe(result: AnyResult): string {
  if (isRanking(result) && isDamage(result)) return describeDamage(result);
  if (isRanking(result)) {
    const concept = result.concept
      ? ` for ${[result.concept.key, result.concept.value].filter(Boolean).join("=")}`
      : "";
    return `${result.scores.length.toLocaleString("en")} neurons ranked by ${result.method}${concept}`;
  }
  if (isGrouping(result)) {
    const groups = result.groups.filter(({ members }) => members.length > 1).length;
    return `${result.labels.length.toLocaleString("en")} neurons in ${result.groups.length.toLocaleString("en")} groups, ${groups.toLocaleString("en")} of them of several`;
  }
  if (isExplanation(result)) {
    const concepts = result.concepts.length.toLocaleString("en");
    return `${result.neurons.length.toLocaleString("en")} neurons explained by formulas of ${concepts} concepts`;
  }
  if (isCurve(result)) {
    const { metric, value } = result.values;
    return `${metric} with the best, random and worst neurons of the ranking ${becoming(value)}`;
  }
  if (isMaximization(result)) return describeMaximization(result);
  if (isContexts(result)) return `the rows on which ${countNeurons(result)} are largest and smallest`;
  if (isAlignment(result)) return `${countNeurons(result)} aligned with concepts by ${result.method}`;
  return result.kind === result.method ? result.kind : `${result.kind} by ${result.method}`;
}

/** What became of ablated neurons. */
function becoming(value: ReplacementName): string {
  switch (value) {
    case "zero":
      return "at 0";
    case "flip":
      return "with their signs turned";
    case "noise":
      return "with noise added";
    case "resample":
      return "at values of other positions";
    case "project":
      return "off a direction";
    default:
      return typeof value === "number" ? `at ${value}` : `at their ${value}`;
  }
}

/** The five best neurons. */
function bestOf(ranking: Ranking) {
  return Array.from(ranking.order.subarray(0, 5), (column) => {
    const about = aboutUnit(ranking, column);
    return { neuron: unitName(ranking.sites, column), score: ranking.scores[column] ?? 0, ...(about && { about }) };
  });
}

/** What stands behind a score: of damage its interval and the damage to others, else the value that a neuron is best for. */
function aboutUnit(ranking: Ranking, column: number): string | undefined {
  if (!isDamage(ranking)) return ranking.best?.[column];
  const interval = ranking.intervals && intervalText(ranking.intervals, column);
  return [interval, othersText(ranking, column)].filter(Boolean).join("  ");
}

/** The five neurons whose formulas fit best, beyond what the numbers of rows give. */
function bestExplained({ neurons }: Explanation) {
  const best = [...neurons].sort((a, b) => b.adjusted - a.adjusted || a.column - b.column).slice(0, 5);
  return best.map(({ neuron, score, adjusted, formula }) => {
    return { neuron, score, adjusted, about: `adjusted ${adjusted.toFixed(4)}  ${formula ?? "never on"}` };
  });
}

function showNeuron({ neuron, score, about }: { neuron: string; score: number; about?: string }): string {
  return `  ${neuron.padEnd(32)} ${score.toPrecision(5)}${about ? `  ${about}` : ""}`;
}

function countNeurons({ neurons }: { readonly neurons: readonly unknown[] }): string {
  return `${neurons.length.toLocaleString("en")} neurons`;
}

function describeMaximization({ targets, options }: Maximization): string {
  const what = targets.length === 1 ? "1 target" : `${targets.length.toLocaleString("en")} targets`;
  return `the ${options.length}-grams that move ${what} furthest`;
}
