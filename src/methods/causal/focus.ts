import { ArgumentError } from "../../core/errors.js";
import { resolveConcept } from "../../corpus/concepts.js";
import type { Corpus } from "../../corpus/corpus.js";
import { rowTable } from "../../corpus/row-table.js";
import type { Head } from "../../model/model.js";
import { NO_TARGET } from "../../model/model.js";
import type { Passage } from "./passages.js";

/**
 * Passages that know which of their predictions are of tokens with a concept: for a causal model those of the token
 * behind each, for a masked one its own. A token has the annotations of the first word that owns it.
 *
 * @throws ArgumentError for a concept that is none, that no token has, or that no predicted token has
 */
export function focusPassages(
  passages: readonly Passage[],
  corpus: Corpus,
  head: Head,
  concept: string,
): readonly Passage[] {
  const rows = passages.flatMap((passage) =>
    Array.from(passage.words, (word, position) => ({ passage, word, position })),
  );
  const table = rowTable(corpus, {
    kind: "token",
    sentence: Uint32Array.from(rows, ({ passage }) => passage.sentence),
    position: Uint32Array.from(rows, ({ position }) => position),
    word: Int32Array.from(rows, ({ word }) => word),
    text: rows.map(({ word, passage }) => corpus.sentences[passage.sentence]?.words[word]?.form ?? ""),
  });
  const { labels, name } = resolveConcept(table, concept);
  if (name.value === null) throw new ArgumentError("concept", "KEY=VALUE or KEY~PATTERN for a metric", concept);
  const shift = head.kind === "causal" ? 1 : 0;
  let row = 0;
  const focused = passages.map((passage) => {
    const first = row;
    row += passage.ids.length;
    const focus = passage.targets.map((target, t) => (target !== NO_TARGET && labels[first + t + shift] === 0 ? 1 : 0));
    return { ...passage, focus: Uint8Array.from(focus) };
  });
  if (!focused.some(({ focus }) => focus.includes(1))) {
    throw new ArgumentError("concept", "a concept that some predicted token has", concept);
  }
  return focused;
}
