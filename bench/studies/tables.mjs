import { join } from "node:path";
import { amount, between } from "./numbers.mjs";
import { root } from "./program.mjs";

const { unitName } = await import(join(root, "dist/methods/causal/unit-name.js"));

/** A Markdown table of rows that share their keys; cells keep to one line. */
export function markdownTable(rows) {
  const keys = Object.keys(rows[0]);
  const line = (cells) =>
    `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|").replaceAll("\n", "⏎")).join(" | ")} |`;
  return [line(keys), line(keys.map(() => "---")), ...rows.map((row) => line(keys.map((key) => row[key])))].join("\n");
}

/** A context with its row in bold; the rows of a byte model are letters, and stand without spaces between. */
export function contextLine({ before, text, after }, bytes) {
  const bold = `**${text.trim() === "" ? "␣" : plain(text)}**`;
  return [...before.map(plain), bold, ...after.map(plain)].join(bytes ? "" : " ").trim();
}

/** Text without what Markdown would read as its own. */
function plain(text) {
  return text.replaceAll(/[\\*_`<>[\]#~]/g, "\\$&");
}

/** The units of most damage, as rows of a table. */
export function worstUnits({ sites, order, scores, intervals, options }, count, unit) {
  return order.slice(0, count).map((column) => ({
    [options.each]: unitName(sites, column),
    [`damage, ${unit}`]: amount(scores[column]),
    "95 % interval": between(intervals.low[column], intervals.high[column]),
  }));
}
