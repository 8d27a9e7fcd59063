import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { columnOf, placeOf, unseenRatios } from "./finding.mjs";
import { counted, times } from "./numbers.mjs";
import { root } from "./program.mjs";

const between = /(?<=<!-- studies -->\n)[\s\S]*?(?=\n<!-- -->)/;

/** Writes what the README says of the studies, counted from their results, between its marks. */
export function writeReadmeSummary(of) {
  const path = join(root, "README.md");
  const text = readFileSync(path, "utf8");
  if (!between.test(text)) throw new Error(`Expected a line <!-- studies --> and behind it a line <!-- --> in ${path}`);
  const written = text.replace(between, () => summaryOf(of));
  writeFileSync(`${path}.partial`, written);
  renameSync(`${path}.partial`, path);
}

function summaryOf({ heads, neurons, halves, units, special }) {
  const [first, second] = heads.result.order.map((column) => heads.result.scores[column]);
  const space = placeOf(columnOf("layers.0.hidden", 110, units.result), units.result);
  const [ten] = unseenRatios(neurons.unseen.values);
  const harm = special.everywhere.slice(0, -1).map((damage) => damage / special.everywhere.at(-1));
  return [
    "[Sweeps of real models](bench/studies/sweeps.md) (`npm run studies` makes them anew, and this paragraph) has the heads and neurons that a BERT, a small GPT-2 and a byte LSTM can least do without, what those neurons respond to, and how far to trust it.",
    `In the GPT-2 one head of ${heads.result.order.length} carries ${times(first / second)} as much of the loss as the next (above, in hundredths of a nat).`,
    `What is easiest to read is not what is needed most: of ${counted(units.result.order.length)} LSTM units the one that follows spaces most closely is number ${space}, with an interval that holds 0.`,
    `Single neurons of the GPT-2 are worth thousandths of a nat, and halves of the sentences share ${halves.shared.mean.toFixed(1)} of their first ten; yet over sentences that the ranking has not seen its first ten do ${times(ten)} the damage of random ones.`,
    `And some neurons of a BERT speak only at [CLS]: set to their mean everywhere, ${harm.length} of them look ${Math.min(...harm).toFixed(1)} to ${times(Math.max(...harm))} as important as the first of all others, which \`--positions content\` avoids.`,
  ].join(" ");
}
