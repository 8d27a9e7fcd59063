import { join } from "node:path";
import { firstPairs, modelPath, resultOf, root } from "./commands.mjs";
import { beyondNoiseOf } from "./noise.mjs";
import { counted, markdownTable, percent } from "./tables.mjs";

const { unitName } = await import(join(root, "dist/methods/causal/unit-name.js"));

const sets = [
  "anaphor_gender_agreement",
  "anaphor_number_agreement",
  "distractor_agreement_relational_noun",
  "irregular_past_participle_verbs",
  "npi_present_1",
  "regular_plural_subject_verb_agreement_1",
];
const pairs = 500;

/** Which heads each set of minimal pairs can least do without. */
export async function studyPairs(model, notes) {
  const rows = sets.map((set) => {
    const result = resultOf(`${model}-${set}`, ["ablate", "--model", modelPath(model), "--corpus", firstPairs(set, pairs), "--each", "head", "--value", "mean", "--metric", "minimal-pairs"]); // biome-ignore format: one line
    const { sites, order, scores, baseline, intervals } = result;
    const beyond = beyondNoiseOf(result);
    const points = (number) => (100 * number).toFixed(1).replace("-", "−");
    const carrying = order
      .slice(0, 3)
      .filter((column) => intervals.low[column] > 0)
      .map((column) => {
        const name = unitName(sites, column).replace(".attention.heads", "");
        return `${name} ${points(scores[column])} (${points(intervals.low[column])} … ${points(intervals.high[column])})`;
      });
    return {
      set: set.replaceAll("_", " "),
      right: percent(baseline, 1),
      "heads without which fewer are right: points lost (95 %)": carrying.join(" · ") || "none",
      "heads above 0, below": `${beyond.above}, ${beyond.below}`,
    };
  });
  return [
    `## ${model}: BLiMP by the heads that carry it`,
    `Every head set to its mean, over the first ${counted(pairs)} pairs of each set; a pair is right where its good sentence is the likelier. The last column counts the heads whose interval lies above 0 (they help) and below (the model is better without them); of 24 heads without any effect about one would do either by chance.`,
    notes[`${model}-blimp`],
    markdownTable(rows),
  ]
    .filter(Boolean)
    .join("\n\n");
}
