import type { ActivationSource } from "../../activations/source.js";
import { wordsPerRow } from "../../core/bits.js";
import { ArgumentError } from "../../core/errors.js";
import type { Concept } from "../../corpus/concepts.js";
import { splitSpecifications } from "../../corpus/specifications.js";
import { readVocabulary, type Vocabulary } from "../../corpus/vocabulary.js";

/** What formulas may be made of. */
interface VocabularyOptions {
  readonly concepts?: string | readonly string[];
  readonly labels?: Concept;
  readonly compat?: "mu-andreas";
}

/**
 * The vocabulary that `concepts` and `labels` name on the rows of a source, labels last.
 *
 * @throws ArgumentError for neither, for concepts of rows without annotations, and for labels of other rows
 */
export function explainVocabulary(
  source: ActivationSource,
  { concepts, labels, compat }: VocabularyOptions,
): Vocabulary {
  if (concepts === undefined && labels === undefined) {
    throw new ArgumentError("concepts", "concepts such as upos,form:500, or labels", concepts);
  }
  const parts: Vocabulary[] = [];
  if (concepts !== undefined) {
    if (!source.table)
      throw new ArgumentError("concepts", `labels, as the rows of ${source.name} have no annotations,`, concepts);
    parts.push(readVocabulary(source.table, splitSpecifications(concepts), { compat }));
  }
  if (labels) parts.push(vocabularyOf(labels, source));
  return parts.reduce(joined);
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
