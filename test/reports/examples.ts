import type { Ranking } from "../../src/methods/result.js";
import type { AnyResult } from "../../src/methods/result-check.js";
import { columns, orderOf, provenance, scoresOf, sites } from "./example-space.js";

/** The ranking whose best neuron is column 5, which speaks by small values. */
export function rankingExample(): Ranking & { signs: Int8Array } {
  const { scores } = scoresOf(1);
  scores[5] = 0.985;
  const signs = Int8Array.from({ length: columns }, (_, column) => (column === 5 ? -1 : 1));
  const concept = { key: "misc.Quote", value: "Yes" };
  const options = { direction: "both" };
  return {
    kind: "ranking",
    method: "average-precision",
    concept,
    sites,
    ...orderOf(scores),
    signs,
    options,
    provenance,
  };
}

export function valuesExample(): Ranking {
  const values = Object.fromEntries(
    ["NOUN", "VERB", "<script>alert(1)</script>"].map((tag, i) => [tag, scoresOf(i + 2)]),
  );
  const best = Array.from({ length: columns }, (_, column) => Object.keys(values)[column % 3]!);
  return {
    kind: "ranking",
    method: "probeless",
    concept: { key: "upos", value: null },
    sites,
    ...scoresOf(2),
    values,
    best,
    options: { standardise: true },
    provenance,
  };
}

/** Average precisions of three tags: two have experts, and only one neuron beats a rotation. */
export function expertsExample(): AnyResult & Record<string, unknown> {
  const experts = {
    thresholds: [0.5, 0.9],
    values: ["NOUN", "VERB", "X"].map((value, i) => ({
      value,
      sites: sites.map(({ name }) => ({ site: name, counts: [i + 1, i === 1 ? 1 : 0] })),
    })),
  };
  const control = (value: string, site: number, score: number, rotation: number) => {
    const name = `${sites[site]!.name}:${value.length}`;
    return { value, site: sites[site]!.name, neuron: { name, score }, rotation, direction: 0.9, chance: 0.1 };
  };
  const controls = [control("NOUN", 0, 0.5, 0.6), control("VERB", 0, 0.4, 0.2), control("VERB", 1, 0.8, 0.3)];
  return { ...valuesExample(), method: "average-precision", experts, controls };
}

export function curveExample(): AnyResult & Record<string, unknown> {
  const fractions = Array.from({ length: 11 }, (_, i) => i / 10);
  const rise = (power: number, shift = 0) => fractions.map((x) => 2.6 + 3 * x ** power + shift * x * (1 - x));
  const draws = Array.from({ length: 10 }, (_, i) => rise(1.4, 0.8 * Math.sin(i)));
  const random = fractions.map((_, i) => draws.reduce((sum, draw) => sum + draw[i]!, 0) / 10);
  const counts = fractions.map((x) => Math.round(x * columns));
  const curves = { top: rise(0.5), random, bottom: rise(3) };
  const between = (curve: readonly number[]) => ({ low: curve.map((y) => y - 0.1), high: curve.map((y) => y + 0.2) });
  const intervals = { top: between(curves.top), random: between(random), bottom: between(curves.bottom) };
  return {
    kind: "evaluation",
    method: "ablate-ranking",
    of: rankingExample(),
    values: { fractions, counts, ...curves, baseline: 2.6, draws, metric: "loss", intervals },
    options: { metric: "loss", value: "mean" },
    provenance,
  };
}

export function groupingExample(): AnyResult & Record<string, unknown> {
  const labels = Int32Array.from({ length: columns }, (_, column) =>
    column < 60 ? Math.floor(column / 5) : column - 48,
  );
  const groups = [...new Set(labels)].map((label) => {
    const members = [...labels.keys()].filter((column) => labels[column] === label);
    return { label, members, representative: members[0]! };
  });
  return {
    kind: "grouping",
    method: "correlation-clusters",
    sites,
    labels,
    groups,
    options: { threshold: 0.3 },
    provenance,
  };
}

export function similarityExample(): AnyResult & Record<string, unknown> {
  const sources = ["a/layers.0.residual", "a/layers.1.residual", "b/layers.0.residual", "b/layers.1.residual"];
  const values = sources.map((_, i) => sources.map((_, j) => (i === j ? 1 : 1 / (2 + Math.abs(i - j)))));
  return { kind: "similarity", method: "cka", sources, values, options: {}, provenance };
}
