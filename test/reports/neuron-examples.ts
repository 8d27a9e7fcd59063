import type { Explanation } from "../../src/methods/corpus/explanation.js";
import type { Maximization } from "../../src/methods/corpus/maximization.js";
import type { ConceptAlignment } from "../../src/methods/corpus/replicated-text.js";
import type { AnyResult } from "../../src/methods/result-check.js";
import { provenance, sites } from "./example-space.js";

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
