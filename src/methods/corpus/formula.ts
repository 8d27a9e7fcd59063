import { conceptText } from "../../corpus/formula-text.js";
import type { VocabularyConcept } from "../../corpus/vocabulary.js";
import { operators } from "../../kernels/formula-extensions.js";

/** A formula as a tree: concepts are leaves, NEIGHBORS stands above one, every other operator between two. */
export type FormulaTree =
  | { readonly key: string; readonly value: string }
  | { readonly operator: "NEIGHBORS"; readonly of: { readonly key: string; readonly value: string } }
  | { readonly operator: (typeof operators)[number]; readonly left: FormulaTree; readonly right: FormulaTree };

/** A chain as it is written: `((upos=NOUN OR upos=PROPN) AND NOT deprel=nsubj)`. */
export function formulaText(chain: readonly number[], concepts: readonly VocabularyConcept[]): string {
  return chain.reduce((text, link, i) => {
    const concept = conceptText(concepts[link >>> 2]!);
    return i === 0 ? concept : `(${text} ${operators[link & 3]} ${concept})`;
  }, "");
}

/** A chain as a tree. */
export function formulaTree(chain: readonly number[], concepts: readonly VocabularyConcept[]): FormulaTree {
  const [first, ...links] = chain;
  return links.reduce<FormulaTree>(
    (left, link) => ({ operator: operators[link & 3]!, left, right: leafOf(concepts[link >>> 2]!) }),
    leafOf(concepts[first! >>> 2]!),
  );
}

function leafOf({ key, value, neighbors }: VocabularyConcept): FormulaTree {
  return neighbors ? { operator: "NEIGHBORS", of: { key, value } } : { key, value };
}
