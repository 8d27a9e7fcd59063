import type { ActivationSource } from "../activations/source.js";
import { ArgumentError } from "../core/errors.js";
import { type Concept, resolveConcept } from "../corpus/concepts.js";
import { withDerivedKeys } from "../corpus/derived-keys.js";

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
