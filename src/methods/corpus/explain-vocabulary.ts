import type { ActivationSource } from "../../activations/source.js";
import { wordsPerRow } from "../../core/bits.js";
import { ArgumentError } from "../../core/errors.js";
import type { Concept } from "../../corpus/concepts.js";
import { withNeighbors } from "../../corpus/neighbors.js";
import { splitSpecifications } from "../../corpus/specifications.js";
import { readVocabulary, type Vocabulary } from "../../corpus/vocabulary.js";

/** What formulas may be made of. */
interface VocabularyOptions {
  readonly concepts?: string | readonly string[];
  readonly labels?: Concept;
  readonly neighbors?: string;
  readonly compat?: "mu-andreas";
}

/** A vocabulary, and the fingerprint of the vectors that neighbours come from. */
export interface ExplainVocabulary extends Vocabulary {
  readonly fingerprint?: string;
}

/**
 * The vocabulary that `concepts`, `neighbors` and `labels` name on the rows of a source, in this order.
 *
 * @throws ArgumentError for neither concepts nor labels, for concepts of rows without annotations, and for labels of other rows
 */
export async function explainVocabulary(
  source: ActivationSource,
  options: VocabularyOptions,
): Promise<ExplainVocabulary> {
  const { concepts, labels, neighbors, compat } = options;
  if (concepts === undefined && labels === undefined) {
    throw new ArgumentError("concepts", "concepts such as upos,form:500, or labels", concepts);
  }
  if (concepts === undefined && neighbors !== undefined) {
    throw new ArgumentError("neighbors", "nothing without concepts", neighbors);
  }
  const given = labels && vocabularyOf(labels, source);
  if (concepts === undefined) return given!;
  if (!source.table) {
    throw new ArgumentError("concepts", `labels, as the rows of ${source.name} have no annotations,`, concepts);
  }
  const named = readVocabulary(source.table, splitSpecifications(concepts), { compat });
  const whole: ExplainVocabulary =
    neighbors === undefined ? named : await withNeighbors(named, source.table, neighbors);
  return given ? { ...whole, ...joined(whole, given) } : whole;
}

function vocabularyOf({ name, classes, labels, masks }: Concept, source: ActivationSource): Vocabulary {
  if (labels.length !== source.rows) {
    throw new ArgumentError("labels", `${source.rows} labels, one a row of ${source.name}`, labels.length);
  }
  return { concepts: classes.map((value) => ({ key: name.key, value })), bits: masks(), leftOut: 0 };
}

function joined(a: Vocabulary, b: Vocabulary): Vocabulary {
  const words = wordsPerRow(a.bits.columns);
  const bits = new Uint32Array((a.bits.rows + b.bits.rows) * words);
  bits.set(a.bits.bits);
  bits.set(b.bits.bits, a.bits.bits.length);
  return {
    concepts: [...a.concepts, ...b.concepts],
    bits: { bits, rows: a.bits.rows + b.bits.rows, columns: a.bits.columns },
    leftOut: a.leftOut + b.leftOut,
  };
}
