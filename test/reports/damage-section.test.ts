import { expect, test } from "vitest";
import { damageMap } from "../../src/reports/damage-figure.js";
import { damageSection } from "../../src/reports/damage-section.js";
import { Numbering } from "../../src/reports/numbering.js";
import { rankingSection } from "../../src/reports/ranking-section.js";
import { sweepExample } from "./sweep-example.js";

const sweep = sweepExample("head");
const textOf = (part: Parameters<typeof damageSection>[0]) =>
  String(damageSection(part, new Numbering())).replaceAll(/<\/?(code|b|p)>/g, "");

test("a report's ranking by damage says how many units do more than chance", () => {
  expect(String(rankingSection(sweep, new Numbering()))).toBe(String(damageSection(sweep, new Numbering())));
  const text = textOf(sweep);
  expect(text).toContain("the metric, loss, becomes without the head; it is 2.500 with all of them, over 356 tokens.");
  expect(text).toContain("Of 8 intervals, 2 above 0 and 1 below; about 0.2 of each are expected by chance.");
  expect(text).toContain("The 8 of 8 heads that do most damage.");
});

test("the best unit stands first, with its interval", () => {
  const cells = [...textOf(sweep).matchAll(/<td[^>]*>(.*?)<\/td>/g)].map((match) => match[1]);
  expect(cells.slice(0, 4)).toEqual(["1", "layers.0.attention.heads:1", "0.8000", "0.6000 to 1"]);
});

test("the damage to what lacks the concept stands beside, and the difference", () => {
  const others = { baseline: 2, damage: sweep.scores.map((score) => score / 4) };
  const text = textOf({ ...sweep, others, options: { ...sweep.options, concept: "upos=NOUN" } });
  expect(text).toContain("over 356 tokens of upos=NOUN (2 over the others)");
  const cells = [...text.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map((match) => match[1]);
  expect(cells.slice(4, 6)).toEqual(["0.2000", "0.6000"]);
});

test("a metric that is 0 of the untouched model is not said to be", () => {
  const text = textOf({ ...sweep, metric: "kl", baseline: 0 });
  expect(text).toContain("the metric, KL, becomes without the head, over 356 tokens.");
  expect(text).not.toContain("by chance");
});

test("one thing in each sentence is counted as sentences", () => {
  expect(textOf({ ...sweep, metric: "accuracy", tokens: 12 })).toContain("over 12 sentences.");
  expect(textOf({ ...sweep, metric: "minimal-pairs", tokens: 12 })).toContain("over 12 pairs.");
});

test("heads are drawn layer by layer, in the power of ten that leaves the largest two digits", () => {
  const { drawing, unit } = damageMap(sweep.sites, sweep.scores);
  expect(unit).toBe("0.01");
  const texts = [...String(drawing).matchAll(/<text[^>]*>([−\d]+)<\/text>/g)].map((match) => match[1]);
  expect(texts).toEqual(expect.arrayContaining(["80", "20", "−30", "1", "2"]));
  expect(String(drawing)).toContain("layers.0.attention.heads:1: 0.8000");
});

test("heads without any damage are drawn too", () => {
  expect(String(damageMap(sweep.sites, new Float64Array(8)).drawing)).toContain("layers.1.attention.heads:3: 0");
});

test("layers have a bar each, with its interval; neurons the profile of their sites", () => {
  const sites = [0, 1, 2, 3, 4, 5, 6, 7].map((layer) => ({ name: `layers.${layer}`, width: 1, offset: layer }));
  const layers = textOf({ ...sweep, sites, options: { ...sweep.options, each: "layer" } });
  expect(layers).toContain("Damage of each layer, with its 95 % interval.");
  expect(layers).toContain("layers.1: 0.8000");
  expect(textOf(sweepExample("neuron"))).toContain("where the best 8 of 8 neurons lie");
});
