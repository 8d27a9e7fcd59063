import { expect, test } from "vitest";
import { damageLines, describeDamage, othersText } from "../../src/cli/damage-lines.js";
import { sweepExample } from "../reports/sweep-example.js";

const sweep = sweepExample("head");

test("says what was ranked, and the metric of the whole model", () => {
  expect(describeDamage(sweep)).toBe(
    "8 heads ranked by damage: loss is 2.5000 with all of them, each with its 95 % interval",
  );
  expect(describeDamage({ ...sweep, skipped: 3 })).toContain("(sentences that predict nothing, left out: 3)");
});

test("does not say that a metric is 0 where that is what it means", () => {
  expect(describeDamage({ ...sweep, metric: "kl", baseline: 0 })).toBe(
    "8 heads ranked by damage: kl, each with its 95 % interval",
  );
});

test("shows the tokens of a concept beside the others", () => {
  const others = { baseline: 2, damage: sweep.scores.map((score) => score / 4) };
  const ofNouns = { ...sweep, others, options: { ...sweep.options, concept: "upos=NOUN" } };
  expect(describeDamage(ofNouns)).toContain(
    "loss is 2.5000 over upos=NOUN and 2.0000 over the others with all of them",
  );
  expect(othersText(ofNouns, 1)).toBe("others 0.20000");
  expect(othersText(sweep, 1)).toBeUndefined();
});

test("counts the units that do more than chance, and names the file of sentences", () => {
  const perSentence = { file: "heads.sentences.npy", sentences: new Uint32Array(12) };
  expect(damageLines({ ...sweep, perSentence } as never)).toEqual([
    "  of 8 intervals 2 above 0 and 1 below; about 0.2 of each are expected by chance",
    "  heads.sentences.npy: the damage to each of 12 sentences",
  ]);
});
