import type { ActivationSource } from "../../src/activations/source.js";
import { normal, random } from "../../src/core/random.js";
import type { RowTable } from "../../src/corpus/rows.js";
import type { Explanation } from "../../src/methods/corpus/explanation.js";
import type { Maximization } from "../../src/methods/corpus/maximization.js";
import type { ConceptAlignment } from "../../src/methods/corpus/replicated-text.js";
import type { Order, Provenance, Ranking } from "../../src/methods/result.js";
import type { AnyResult } from "../../src/methods/result-check.js";

const provenance: Provenance = {
  model: "4f1d0e6a2b7c9d8e5f3a1b0c4d6e8f7a9b2c3d4e5f60718293a4b5c6d7e8f901",
  corpus: "aa41b2c3d4e5f60718293a4b5c6d7e8f901234567890abcdef1234567890abcd",
  activations: null,
  version: "0.1.0",
  device: "native",
  seed: 0,
};

const sites = Array.from({ length: 4 }, (_, layer) => ({
  name: `layers.${layer}.mlp.hidden`,
  width: 48,
  offset: 48 * layer,
}));

const columns = 192;

function orderOf(scores: Float64Array): Order {
  const order = Uint32Array.from(scores, (_, column) => column).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return { order, scores };
}

function scoresOf(seed: number): Order {
  const draw = normal(random(seed));
  return orderOf(
    Float64Array.from({ length: columns }, (_, column) => 1 / (1 + Math.exp(2 - draw() - (column > 96 ? 0.8 : 0)))),
  );
}

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

export function explanationExample(): Explanation {
  const leaf = (value: string) => ({ key: "form", value });
  const found = {
    neuron: "layers.0.mlp.hidden:5",
    column: 5,
    formula: '((form=the OR form="<b>") AND NOT form=law)',
    tree: {
      operator: "AND NOT" as const,
      left: { operator: "OR" as const, left: leaf("the"), right: leaf("<b>") },
      right: leaf("law"),
    },
    score: 0.7,
    iou: 0.7,
    rows: 40,
    formulaRows: 50,
    chance: 0.1,
    ceiling: 0.8,
    adjusted: 0.67,
    lengths: [{ length: 1, formula: "form=the", iou: 0.5, score: 0.5 }],
    profile: { kind: "monosemous" as const, concepts: [{ concept: "form=the", phi: 0.6 }], disjoint: null },
  };
  const kind = "switch" as const;
  const concepts = [
    { concept: "form=the", phi: 0.5 },
    { concept: "upos=<i>", phi: -0.375 },
  ];
  const both = {
    ...found,
    formula: "form=the",
    tree: null,
    neuron: "layers.0.mlp.hidden:7",
    column: 7,
    adjusted: 0.1,
    profile: { kind, concepts, disjoint: 1 },
  };
  const never = { ...found, neuron: "layers.0.mlp.hidden:6", column: 6, formula: null, tree: null, score: 0, iou: 0 };
  return {
    kind: "explanation",
    method: "compositional-explanations",
    sites,
    neurons: [{ ...never, adjusted: 0, profile: { kind: "none", concepts: [], disjoint: null } }, found, both],
    concepts: [{ concept: "form=the", rows: 30, neurons: [{ neuron: found.neuron, column: 5, iou: 0.5 }] }],
    leftOut: 0,
    options: { concepts: "form", beam: 10 },
    provenance,
  };
}

export function maximizationExample(): Maximization {
  const nGram = (value: number, tokens: readonly string[]) => {
    return { value, ids: tokens.map((_, i) => i), tokens, text: tokens.join(" ") };
  };
  const best = nGram(3.25, ["the", "<i>", "שלום"]);
  const trace = [[0, 1.5], [400, 3.25]] as const; // biome-ignore format: one line
  const random = { start: "random" as const, best: nGram(2.5, ["a", "b", "c"]), trace: [[32, 0.5], [90, 2.5]] as const }; // biome-ignore format: one line
  return {
    kind: "maximization",
    method: "evolution",
    sites,
    targets: [
      {
        neurons: ["layers.0.mlp.hidden:5"],
        best: { ...best, textValue: 3 },
        corpus: {
          best: { ...nGram(1.5, ["said", "the", "girl"]), sentence: 0, position: 2 },
          count: 9,
          mean: 0.25,
          deviation: 0.5,
        },
        searches: [{ start: "corpus", best, trace }, random],
      },
    ],
    evaluations: 1234,
    options: { length: 3, evaluations: 500, restarts: 2 },
    provenance,
  };
}

export function alignmentExample(): ConceptAlignment {
  const concept = { kind: "word" as const, text: "<u>law", alignment: 2, selectivity: 0.5 };
  return {
    kind: "alignment",
    method: "replicated-text",
    sites,
    neurons: [
      { neuron: "layers.0.mlp.hidden:4", column: 4, concepts: [concept], selectivity: 0.25 },
      { neuron: "layers.0.mlp.hidden:5", column: 5, concepts: [{ ...concept, text: "dogs" }], selectivity: 0.5 },
    ],
    candidates: 2,
    options: { sentences: 10, concepts: 3 },
    provenance,
  };
}

export function contextsExample(): AnyResult & Record<string, unknown> {
  const row = (text: string, value: number) => ({
    row: 0,
    value,
    sentence: 0,
    position: 0,
    text,
    before: ["it", "is"],
    after: ["there"],
  });
  const neurons = [
    { neuron: "layers.0.mlp.hidden:5", column: 5, top: [row("<b>", 3), row("said", 2)], bottom: [row("שלום", -2)] },
  ];
  return { kind: "contexts", method: "contexts", neurons, options: { top: 2 }, provenance };
}

const texts = [
  ["The", "girl", "said", ":", '"', "We", "<script>alert(2)</script>", '"'],
  ["The", "dogs", "near", "the", "old", "house", "are", "small", "."],
  ["קראתי", "את", "הספר", "הזה", "."],
];

/** Rows of three sentences, one of them written from right to left; column 5 is low inside quotes. */
export function sourceExample(): ActivationSource {
  const rows = texts.flatMap((words, sentence) => words.map((text, position) => ({ sentence, position, text })));
  const quoted = rows.map(({ sentence, position }) => sentence === 0 && position >= 4 && position < 7);
  const draw = normal(random(7));
  const values = Float32Array.from({ length: rows.length * columns }, (_, i) =>
    i % columns === 5 ? (quoted[Math.floor(i / columns)] ? -1 : 1) + 0.05 * draw() : draw(),
  );
  const table: RowTable = {
    kind: "word",
    rows: rows.length,
    sentence: Uint32Array.from(rows, ({ sentence }) => sentence),
    position: Uint32Array.from(rows, ({ position }) => position),
    text: rows.map(({ text }) => text),
    keys: ["misc.Quote"],
    column: () => quoted.map((is) => (is ? "Yes" : null)),
    fingerprint: "",
  };
  return {
    name: "example",
    rows: rows.length,
    columns,
    sites,
    table,
    async *blocks() {
      yield {
        firstRow: 0,
        rows: rows.length,
        values: async () => values,
        place: () => Promise.reject(new Error("no device")),
      };
    },
    provenance: async () => provenance,
  };
}
