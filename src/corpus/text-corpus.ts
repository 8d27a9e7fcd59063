import { createHash } from "node:crypto";
import { ArgumentError } from "../core/errors.js";
import type { Corpus } from "./corpus.js";
import { lines } from "./lines.js";
import { parsePlainText } from "./plain-text.js";

/** A corpus of a text at hand, a sentence a line. @throws ArgumentError for a blank text */
export function textCorpus(text: string): Corpus {
  const bytes = Buffer.from(text, "utf8");
  const sentences = [...parsePlainText(lines("text", bytes), "written")];
  if (sentences.length === 0) throw new ArgumentError("text", "a text with a sentence", text);
  return { path: "text", fingerprint: createHash("sha256").update(bytes).digest("hex"), sentences };
}
