import { ArgumentError } from "../../core/errors.js";
import { resolveConcept } from "../../corpus/concepts.js";
import type { Corpus } from "../../corpus/corpus.js";
import { corpusRows, rowTable } from "../../corpus/row-table.js";
import type { RowTable } from "../../corpus/rows.js";
import type { Head } from "../../model/model.js";
import { NO_TARGET } from "../../model/model.js";
import type { Passage } from "./passages.js";

/**
 * Passages that know which of their predictions are of tokens with a concept: for a causal model those of the token
 * behind each, for a masked one its own. A token has the annotations of the first word that owns it. Of a classifier of
 * sequences they are of sentences.
 *
 * @throws ArgumentError for a concept that is none, that no token has, or that no predicted token has
 */
export function focusTokens(
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
  const labels = labelsOf(table, concept);
  const shift = head.kind === "causal" ? 1 : 0;
  let row = 0;
  const focused = passages.map((passage) => {
    const first = row;
    row += passage.ids.length;
    const focus = passage.targets.map((target, t) => (target !== NO_TARGET && labels[first + t + shift] === 0 ? 1 : 0));
    return { ...passage, focus: Uint8Array.from(focus) };
  });
  return checkFocus(focused, concept, "predicted token");
}

/**
 * Passages that know whether their sentence has a concept: for classifiers of sequences, and for metrics of pairs, which
 * are the good sentence's.
 *
 * @throws ArgumentError for a concept that is none, or that no sentence has
 */
export function focusSentences(passages: readonly Passage[], corpus: Corpus, concept: string): readonly Passage[] {
  const labels = labelsOf(corpusRows(corpus, "sentence"), concept);
  const focused = passages.map((passage) => {
    return { ...passage, focus: new Uint8Array(passage.targets.length).fill(labels[passage.sentence] === 0 ? 1 : 0) };
  });
  return checkFocus(focused, concept, "sentence");
}

/** 0 for the rows that have a concept. */
function labelsOf(table: RowTable, concept: string): Int32Array {
  const { labels, name } = resolveConcept(table, concept);
  if (name.value === null) throw new ArgumentError("concept", "KEY=VALUE or KEY~PATTERN for a metric", concept);
  return labels;
}

function checkFocus(passages: readonly Passage[], concept: string, row: string): readonly Passage[] {
  if (passages.some(({ focus }) => focus?.includes(1))) return passages;
  throw new ArgumentError("concept", `a concept that some ${row} has`, concept);
}
