import type { ActivationSource } from "../activations/source.js";
import { ArgumentError } from "../core/errors.js";
import { type Concept, resolveConcept } from "../corpus/concepts.js";
import { withDerivedKeys } from "../corpus/derived-keys.js";
import { conceptText } from "../corpus/formula-text.js";
import { splitSpecifications } from "../corpus/specifications.js";
import { readVocabulary } from "../corpus/vocabulary.js";

/**
 * The concept that a method was asked for, on the rows of its source.
 *
 * @throws ArgumentError for no concept, one on another number of rows, and a specification where rows have no annotations
 */
export function conceptOf(source: ActivationSource, given: string | Concept | undefined): Concept {
  if (given === undefined) throw new ArgumentError("concept", "a concept such as upos=NOUN, or labels", given);
  if (typeof given === "string") {
    if (source.table) return resolveConcept(withDerivedKeys(source.table), given);
    throw new ArgumentError("concept", `labels, as the rows of ${source.name} have no annotations,`, given);
  }
  if (given.labels.length === source.rows) return given;
  throw new ArgumentError("labels", `${source.rows} labels, one a row of ${source.name}`, given.labels.length);
}

/** What a method that scores many concepts at once is asked for. */
export interface ConceptsOption {
  readonly concept?: string | Concept;
  /**
   * Instead of `concept`, those of several keys: `upos,feats,form:2000,upos=NOUN` (src/corpus/vocabulary.ts), called
   * `upos=NOUN` each. Values of whole keys that every row has are left out.
   */
  readonly concepts?: string | readonly string[];
}

/**
 * The same for one concept, or those of several keys, whose name is the list that they were asked for by.
 *
 * @throws ArgumentError for both, and as `conceptOf` does
 */
export function conceptsOf(source: ActivationSource, { concept, concepts }: ConceptsOption): Concept {
  if (concepts === undefined) return conceptOf(source, concept);
  if (concept !== undefined) throw new ArgumentError("concepts", "nothing beside concept", concepts);
  if (!source.table) {
    throw new ArgumentError("concepts", `labels, as the rows of ${source.name} have no annotations,`, concepts);
  }
  const specifications = splitSpecifications(concepts);
  const { concepts: found, bits } = readVocabulary(source.table, specifications);
  return {
    name: { key: specifications.join(","), value: null },
    classes: found.map(conceptText),
    labels: firstLabels(bits),
    masks: () => bits,
  };
}

function firstLabels({ bits, rows: classes, columns: rows }: ReturnType<Concept["masks"]>): Int32Array {
  const words = Math.ceil(rows / 32);
  const labels = new Int32Array(rows).fill(-1);
  for (let label = classes - 1; label >= 0; label--) {
    for (let row = 0; row < rows; row++) {
      if ((bits[label * words + (row >>> 5)]! >>> (row & 31)) & 1) labels[row] = label;
    }
  }
  return labels;
}
