import { type Sentence, spacedSentence, type TextForm } from "./corpus.js";
import type { Line } from "./lines.js";

/** The sentences of a plain text: one a line, as it stands; lines of nothing but spaces are skipped. */
export function* parsePlainText(lines: Iterable<Line>, form: TextForm = "written"): Generator<Sentence> {
  for (const { text } of lines) {
    if (/\S/u.test(text)) yield spacedSentence(text, form);
  }
}
