import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import { expectWritable } from "../../core/files.js";
import { checkKnown } from "../../core/suggest.js";
import type { Concept } from "../../corpus/concepts.js";
import type { Device } from "../../device/device.js";
import { checkOptions } from "../check-options.js";
import { onDevice } from "../method-device.js";
import { provenanceOf } from "../provenance.js";
import type { MethodContext } from "../result.js";
import { type BeamSearchOptions, beamSearch } from "./beam-search.js";
import { checkMaskOptions, chosenMasks, type MaskOptions } from "./chosen-masks.js";
import { ConceptNeurons } from "./concept-neurons.js";
import { conceptProfile } from "./concept-profile.js";
import { type ExplainVocabulary, explainVocabulary } from "./explain-vocabulary.js";
import { describeConcepts, describeNeuron, type ExplainedNeuron, type Explanation } from "./explanation.js";
import { checkExact, OptimumSearch } from "./formula-optimum.js";
import { FormulaSearch } from "./formula-search.js";
import type { NamedCut } from "./mask-file.js";
import { matchedThresholds } from "./matched-thresholds.js";

export interface ExplainOptions extends Pick<MaskOptions, "quantile" | "masks" | "masksOut"> {
  /** What formulas are made of: `upos,feats,form:2000,upos=NOUN,form~^un` (src/corpus/vocabulary.ts). */
  readonly concepts?: string | readonly string[];
  /** Classes of rows, beside or instead of `concepts`. */
  readonly labels?: Concept;
  /** A file of word2vec or GloVe vectors (text): NEIGHBORS(word), a word or its five nearest ones, is then a concept too. */
  readonly neighbors?: string;
  /**
   * A neuron's mask is where it lies above this (default 0). `match`: as large as the one concept that fits the neuron best
   * when each is compared with a mask of its own size (src/methods/corpus/matched-thresholds.ts).
   */
  readonly threshold?: number | "match" | `${number}`;
  /** Formulas that are kept at every step (default 10). */
  readonly beam?: number;
  /** Leaves of the longest formula (default 5). */
  readonly length?: number;
  /** Each leaf behind the first multiplies the score by this, above 0 and at most 1 (default 1). */
  readonly penalty?: number;
  /**
   * `mu-andreas`: neurons with fewer than 500 rows have no formula; formulas that stay in the beam are extended again at
   * every step, so that it holds some twice; ties go to what was made first; overlap of pairs as the authors count it.
   */
  readonly compat?: "mu-andreas";
  /** Prove the best of all chains by branch and bound (src/methods/corpus/formula-optimum.ts); for at most 100 concepts. */
  readonly exact?: boolean;
  readonly device?: Device;
  readonly seed?: number;
}

/** The authors' least number of rows of a mask. */
const authorsLeastRows = 500;
const neuronsOfConcept = 5;

/**
 * For every neuron the formula of concepts that says best where it is on: compositional explanations (Mu and Andreas
 * 2020). A formula is a chain of OR, AND and AND NOT; its IoU with the neuron's mask, times penalty^(leaves − 1), is its
 * score; a beam search finds it (src/methods/corpus/beam-search.ts). Ties go to the shorter formula, then to the earlier
 * concept; a neuron whose mask no concept meets has formula null and score 0.
 *
 * @throws ArgumentError for concepts that are not there, a number out of its range, and a NaN (with row and neuron)
 */
export async function explain(
  source: ActivationSource,
  options: ExplainOptions,
  context: MethodContext = {},
): Promise<Explanation> {
  checkOptions("explain", options, [
    "concepts",
    "labels",
    "neighbors",
    "threshold",
    "quantile",
    "masks",
    "masksOut",
    "beam",
    "length",
    "penalty",
    "compat",
    "exact",
  ]);
  checkMaskOptions(options);
  const searched = searchOptions(options);
  const vocabulary = await explainVocabulary(source, options);
  if (options.exact) checkExact(vocabulary.bits.rows);
  if (options.masksOut !== undefined) await expectWritable(options.masksOut);
  return await onDevice(options.device ?? source.device, async (device) => {
    const match = () => matchedThresholds(source, device, vocabulary.bits, context);
    using masks = await chosenMasks(source, device, options, context, match);
    const space = { masks, columns: source.columns, concepts: vocabulary.bits };
    using search = await FormulaSearch.open(device, space, searched.beam, searched.length);
    const best = new ConceptNeurons(search.sizes, neuronsOfConcept);
    const optimum = options.exact ? new OptimumSearch(vocabulary.bits, search.sizes) : null;
    const neurons: ExplainedNeuron[] = [];
    for await (const found of beamSearch(search, searched, context)) {
      best.add(found);
      const counts = { mask: found.mask, sizes: search.sizes, shared: found.shared };
      const profile = conceptProfile(found.bits, vocabulary.bits, counts);
      const proven = await optimum?.find(found, searched, context.signal);
      neurons.push(describeNeuron(found, profile, proven, source, vocabulary));
    }
    return {
      kind: "explanation",
      method: "compositional-explanations",
      sites: source.sites,
      neurons,
      concepts: describeConcepts(best, search.sizes, source, vocabulary),
      leftOut: vocabulary.leftOut,
      options: namedOptions(options, vocabulary, searched, masks.cut),
      provenance: await provenanceOf(source, device, options.seed ?? 0),
    };
  });
}

function searchOptions({ beam = 10, length = 5, penalty = 1, compat }: ExplainOptions): BeamSearchOptions {
  if (!(penalty > 0 && penalty <= 1)) throw new ArgumentError("penalty", "a number above 0 and at most 1", penalty);
  for (const [name, number] of Object.entries({ beam, length })) {
    if (!Number.isSafeInteger(number) || number < 1) throw new ArgumentError(name, "a positive integer", number);
  }
  if (compat === undefined) return { beam, length, penalty, leastRows: 1, repeats: "never" };
  checkKnown("compat", compat, ["mu-andreas"]);
  return { beam, length, penalty, leastRows: authorsLeastRows, repeats: "authors" };
}

function namedOptions(
  { concepts, compat, exact }: ExplainOptions,
  { fingerprint }: ExplainVocabulary,
  { beam, length, penalty }: BeamSearchOptions,
  cut: NamedCut,
) {
  const given = concepts === undefined ? {} : { concepts: [concepts].flat().join(",") };
  const vectors = fingerprint === undefined ? {} : { neighbors: fingerprint };
  return { ...given, ...vectors, ...cut, beam, length, penalty, ...(compat && { compat }), ...(exact && { exact }) };
}
