import type { Context, Contexts } from "../methods/corpus/contexts.js";
import { contextText } from "./context-text.js";
import { methodText, optionsLine, section } from "./headings.js";
import { type Content, type Html, html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";

const neuronsShown = 8;
const rowsShown = 3;
const wordsShown = 10;

/** The rows on which the first neurons are largest and smallest, each in its sentence. */
export function contextsSection(result: Contexts, numbering: Numbering): Html {
  const cells = result.neurons.slice(0, neuronsShown).flatMap(({ neuron, top, bottom }) => {
    const extremes = [...top.slice(0, rowsShown), ...bottom.slice(0, rowsShown).reverse()];
    return extremes.map((row, i): Content[] => [
      i === 0 ? html`<code>${neuron}</code>` : "",
      shown(row.value),
      line(row),
    ]);
  });
  const caption = "Rows with the largest and the smallest values, in their sentences.";
  const table = numbering.table(caption, ["neuron", "value", "row"], cells);
  return section(methodText(result.method), optionsLine(result), table, wordsTable(result, numbering), quantilesTable(result, numbering)); // biome-ignore format: one line
}

/** The words that move the first neurons most, with their shares. */
function wordsTable({ neurons }: Contexts, numbering: Numbering): Html | null {
  if (!neurons.some(({ words }) => words)) return null;
  const cells = neurons.slice(0, neuronsShown).map(({ neuron, words = [] }): Content[] => {
    const told = words.slice(0, wordsShown).map(({ word, score }) => html`<bdi>${word}</bdi> ${shown(score)} `);
    return [html`<code>${neuron}</code>`, told];
  });
  const caption = "Words that move a neuron most: mean distance from its mean, as a share of the strongest word's.";
  return numbering.table(caption, ["neuron", "words"], cells);
}

function quantilesTable({ neurons, quantiles }: Contexts, numbering: Numbering): Html | null {
  if (!quantiles) return null;
  const cells = neurons.slice(0, neuronsShown).map(({ neuron, distribution }): Content[] => {
    return [html`<code>${neuron}</code>`, ...(distribution?.quantiles ?? []).map(shown)];
  });
  const caption = "Quantiles of the first neurons, by the share of rows below.";
  return numbering.table(caption, ["neuron", ...quantiles.shares.map((share) => `${100 * share} %`)], cells);
}

function line(row: Context): Html {
  const { before, after } = contextText(row);
  return html`<bdi>${before}<b>${row.text}</b>${after}</bdi>`;
}
