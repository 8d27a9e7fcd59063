import type { Maximization, MaximizedTarget } from "../methods/corpus/maximization.js";
import { methodText, optionsLine, section } from "./headings.js";
import { type Content, type Html, html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";
import { traceFigure } from "./trace-figure.js";

const targetsShown = 30;
const tracesShown = 4;

/** The n-gram that each target answers to most, beside the corpus' best, and how the searches came to it. */
export function maximizationSection(result: Maximization, numbering: Numbering): Html {
  const targets = result.targets.slice(0, targetsShown);
  return section(
    `Largest values: search by ${methodText(result.method).toLowerCase()}`,
    optionsLine(result),
    targetTable(targets, result, numbering),
    figure(targets.slice(0, tracesShown), numbering),
  );
}

function targetTable(targets: readonly MaximizedTarget[], result: Maximization, numbering: Numbering): Html {
  const beside = targets.some(({ corpus }) => corpus !== null);
  const cells = targets.map((target): Content[] => {
    const { best, corpus } = target;
    return [
      nameOf(target),
      html`<bdi>${best.tokens.join(" ")}</bdi>`,
      shown(best.value),
      best.textValue === null ? "" : shown(best.textValue),
      ...(beside ? corpusCells(target) : []),
      ...(beside ? [corpus && corpus.deviation > 0 ? shown((best.value - corpus.mean) / corpus.deviation) : ""] : []),
    ];
  });
  const more = result.targets.length > targets.length ? ` The first ${targets.length} of ${shown(result.targets.length)}.` : ""; // biome-ignore format: one line
  const caption = `The tokens that move each neuron furthest when the model reads nothing else, of ${shown(result.evaluations)} n-grams. As text: the value when the n-gram’s text is tokenised anew.${beside ? " Deviations: how far the value lies from the mean of the corpus’ n-grams, in their standard deviations." : ""}${more}`;
  const head = ["neuron", "tokens found", "value", "as text", ...(beside ? ["best in corpus", "value", "deviations"] : [])]; // biome-ignore format: one line
  return numbering.table(caption, head, cells);
}

function corpusCells({ corpus }: MaximizedTarget): Content[] {
  if (!corpus) return ["", ""];
  return [html`<bdi>${corpus.best.tokens.join(" ")}</bdi>`, shown(corpus.best.value)];
}

function nameOf({ neurons: [first, ...others] }: MaximizedTarget): Html {
  return others.length > 0
    ? html`mean of <code>${first ?? ""}</code> and ${others.length} more`
    : html`<code>${first ?? ""}</code>`;
}

function figure(targets: readonly MaximizedTarget[], numbering: Numbering): Html | null {
  if (targets.every(({ searches }) => searches.every(({ trace }) => trace.length < 2))) return null;
  const caption =
    "The best value of each search against the n-grams it has read; dashed: the best n-gram of the corpus, from which the blue one goes on.";
  return numbering.figure(caption, ...targets.map((target) => traceFigure(target, targets.length)));
}
