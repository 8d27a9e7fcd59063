import type { ActivationSource } from "../../activations/source.js";
import { neuronName, type Site } from "../../core/sites.js";
import { conceptText } from "../../corpus/formula-text.js";
import type { Vocabulary } from "../../corpus/vocabulary.js";
import type { Provenance } from "../result.js";
import type { NeuronFormulas } from "./beam-search.js";
import type { ConceptNeurons } from "./concept-neurons.js";
import type { ConceptProfile } from "./concept-profile.js";
import { type FormulaTree, formulaText, formulaTree } from "./formula.js";
import type { ScoredFormula } from "./formula-beam.js";
import type { Optimum } from "./formula-optimum.js";

/** The best formula of one length. */
export interface FormulaOfLength {
  readonly length: number;
  readonly formula: string;
  readonly iou: number;
  readonly score: number;
}

/** A neuron and the formula that says best where it is on. */
export interface ExplainedNeuron {
  readonly neuron: string;
  readonly column: number;
  /** null, with score 0, where no concept shares a row with the mask. */
  readonly formula: string | null;
  readonly tree: FormulaTree | null;
  /** IoU · penalty^(leaves − 1). */
  readonly score: number;
  readonly iou: number;
  /** Rows of the mask and of the formula. */
  readonly rows: number;
  readonly formulaRows: number;
  /** As beside every IoU (src/methods/corpus/iou.ts). */
  readonly chance: number;
  readonly ceiling: number;
  readonly adjusted: number;
  /** The best formula that the beam found of every length. */
  readonly lengths: readonly FormulaOfLength[];
  /** With `exact`: `formula` is the best of all; what the beam found, how much less its score is, and formulas counted. */
  readonly exact?: {
    readonly beam: string | null;
    readonly beamScore: number;
    readonly gap: number;
    readonly counted: number;
  };
  readonly profile: Omit<ConceptProfile, "concepts"> & {
    readonly concepts: readonly { readonly concept: string; readonly phi: number }[];
  };
}

/** A concept and the neurons whose masks fit it best, by IoU. */
export interface ExplainedConcept {
  readonly concept: string;
  readonly rows: number;
  readonly neurons: readonly { readonly neuron: string; readonly column: number; readonly iou: number }[];
}

export interface Explanation {
  readonly kind: "explanation";
  readonly method: "compositional-explanations";
  readonly sites: readonly Site[];
  readonly neurons: readonly ExplainedNeuron[];
  readonly concepts: readonly ExplainedConcept[];
  /** Values of whole keys that every row has, and that no formula was made of. */
  readonly leftOut: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly provenance: Provenance;
}

/** What is said of a neuron: of the formula that a search found, or of the best of all where one was proven. */
export function describeNeuron(
  { column, mask, beam, lengths }: NeuronFormulas,
  profile: ConceptProfile,
  proven: Optimum | undefined,
  { sites, rows }: ActivationSource,
  { concepts }: Vocabulary,
): ExplainedNeuron {
  const best = proven ? proven.best : beam[0];
  return {
    neuron: neuronName(sites, column),
    column,
    formula: best ? formulaText(best.chain, concepts) : null,
    tree: best ? formulaTree(best.chain, concepts) : null,
    score: best?.score ?? 0,
    iou: best?.iou ?? 0,
    rows: mask,
    formulaRows: best?.size ?? 0,
    ...besideIou(mask / rows, best, rows),
    lengths: lengths.map(({ chain, iou, score }) => ({
      length: chain.length,
      formula: formulaText(chain, concepts),
      iou,
      score,
    })),
    ...(proven && { exact: describeProof(proven, beam[0], concepts) }),
    profile: {
      ...profile,
      concepts: profile.concepts.map(({ concept, phi }) => ({ concept: conceptText(concepts[concept]!), phi })),
    },
  };
}

function describeProof(
  { best, counted }: Optimum,
  found: ScoredFormula | undefined,
  concepts: Vocabulary["concepts"],
): Required<ExplainedNeuron>["exact"] {
  const beamScore = found?.score ?? 0;
  const beam = found ? formulaText(found.chain, concepts) : null;
  return { beam, beamScore, gap: (best?.score ?? 0) - beamScore, counted };
}

function besideIou(p: number, best: ScoredFormula | null | undefined, rows: number) {
  if (!best) return { chance: 0, ceiling: 0, adjusted: 0 };
  const q = best.size / rows;
  const chance = (p * q) / (p + q - p * q);
  return {
    chance,
    ceiling: Math.min(p, q) / Math.max(p, q),
    adjusted: chance === 1 ? 0 : (best.iou - chance) / (1 - chance),
  };
}

/** What is said of every concept. */
export function describeConcepts(
  best: ConceptNeurons,
  sizes: Uint32Array,
  { sites }: ActivationSource,
  { concepts }: Vocabulary,
): ExplainedConcept[] {
  return best.finish().map((neurons, concept) => ({
    concept: conceptText(concepts[concept]!),
    rows: sizes[concept]!,
    neurons: neurons.map(({ column, iou }) => ({ neuron: neuronName(sites, column), column, iou })),
  }));
}
