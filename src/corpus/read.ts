import { createHash } from "node:crypto";
import { extname } from "node:path";
import { FileError } from "../core/errors.js";
import { isFolder } from "../core/files.js";
import { checkKnown } from "../core/suggest.js";
import { parseConceptFile } from "./concept-file.js";
import { readConceptList } from "./concept-list.js";
import { parseConllu } from "./conllu.js";
import type { Corpus, Sentence, TextForm } from "./corpus.js";
import { parseTable } from "./delimited.js";
import { lines, readBytes } from "./lines.js";
import { parseObjects } from "./minimal-pairs.js";
import { parsePlainText } from "./plain-text.js";

/** What kind of file a corpus is. */
export type CorpusFormat = "conllu" | "csv" | "tsv" | "jsonl" | "json" | "text";

const formats: readonly CorpusFormat[] = ["conllu", "csv", "tsv", "jsonl", "json", "text"];
const textForms: readonly TextForm[] = ["written", "words"];

/** How a corpus is read. */
export interface CorpusOptions {
  /** By the file's name where it is left out: `.conllu`, `.csv`, `.tsv`, `.jsonl`, `.json`, and plain text for every other. */
  readonly format?: CorpusFormat;
  /** `words`: the text is the words joined by single spaces, for a treebank its syntactic words. Default `written`. */
  readonly text?: TextForm;
  /** The column of a CSV or TSV file that holds the sentences. Default `sentence`, `text` or else `source`. */
  readonly textColumn?: string;
  /** The column of what a decoder reads beside each. Default `target`, where the sentences are `source`. */
  readonly targetColumn?: string;
}

/**
 * Reads a corpus: CoNLL-U, plain text with a sentence a line, CSV or TSV with label columns, JSONL minimal pairs, or a JSON
 * file of a concept's positive and negative sentences (src/corpus/concept-file.ts), or a folder of many (src/corpus/concept-list.ts).
 * Sources with a target beside them are columns `source` and `target`, the two columns of a TSV without names, or the
 * same keys of JSONL.
 *
 * @throws FileError where the file cannot be read, is malformed (with the line), or has no sentence
 */
export async function readCorpus(path: string, options: CorpusOptions = {}): Promise<Corpus> {
  for (const name of Object.keys(options))
    checkKnown("options", name, ["format", "text", "textColumn", "targetColumn"]);
  if (await isFolder(path))
    return await readConceptList(path, checkKnown("text", options.text ?? "written", textForms));
  const format = checkKnown("format", options.format ?? formatOf(path), formats);
  const form = checkKnown("text", options.text ?? "written", textForms);
  const bytes = await readBytes(path);
  const fingerprint = createHash("sha256").update(bytes).digest("hex");
  const sentences = [...parse(path, format, bytes, { ...options, text: form })];
  if (sentences.length === 0) throw new FileError(path, "Expected at least one sentence but found none");
  return { path, fingerprint, sentences, options: unusual(path, { ...options, format, text: form }) };
}

/** The options that change what is read. */
function unusual(path: string, { format, text, textColumn, targetColumn }: CorpusOptions): Record<string, string> {
  return {
    ...(format && format !== formatOf(path) && { format }),
    ...(text === "words" && { text }),
    ...(textColumn !== undefined && { textColumn }),
    ...(targetColumn !== undefined && { targetColumn }),
  };
}

function formatOf(path: string): CorpusFormat {
  const extension = extname(path).toLowerCase();
  return formats.find((format) => extension === `.${format}`) ?? "text";
}

function parse(
  path: string,
  format: CorpusFormat,
  bytes: Uint8Array,
  { text: form, textColumn, targetColumn }: CorpusOptions,
): Iterable<Sentence> {
  const column = {
    ...(textColumn !== undefined && { textColumn }),
    ...(targetColumn !== undefined && { targetColumn }),
  };
  switch (format) {
    case "conllu":
      return parseConllu(path, lines(path, bytes), form);
    case "csv":
      return parseTable(path, lines(path, bytes), { separator: ",", form: form ?? "written", ...column });
    case "tsv":
      return parseTable(path, lines(path, bytes), { separator: "\t", form: form ?? "written", ...column });
    case "jsonl":
      return parseObjects(path, lines(path, bytes), form);
    case "json":
      return parseConceptFile(path, new TextDecoder().decode(bytes), form);
    case "text":
      return parsePlainText(lines(path, bytes), form);
    default:
      return format satisfies never;
  }
}
