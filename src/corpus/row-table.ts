import { ArgumentError } from "../core/errors.js";
import { suggest } from "../core/suggest.js";
import { annotationKeys, annotationOf } from "./annotations.js";
import type { Corpus } from "./corpus.js";
import type { RowKind, RowTable } from "./rows.js";

/** Where the rows of a table stand in a corpus. */
export interface RowPlaces {
  readonly kind: RowKind;
  readonly sentence: Uint32Array;
  readonly position: Uint32Array;
  readonly text: readonly string[];
  /** The word of its sentence that gives a row its annotations; −1 for none. Left out for sentences. */
  readonly word?: Int32Array;
}

/** The rows of a corpus' words or sentences, for activations that were made elsewhere or need no tokens. */
export function corpusRows(corpus: Corpus, kind: "word" | "sentence"): RowTable {
  return rowTable(corpus, kind === "word" ? wordPlaces(corpus) : sentencePlaces(corpus));
}

/** A table of rows with the annotations of a corpus: columns are made when they are asked for, and kept. */
export function rowTable(corpus: Corpus, places: RowPlaces): RowTable {
  const { kind, sentence, position, text } = places;
  const keys = annotationKeys(corpus);
  const columns = new Map<string, ReturnType<RowTable["column"]>>();
  const make = (key: string): ReturnType<RowTable["column"]> => {
    if (!keys.includes(key)) {
      throw new ArgumentError("annotation", `one of ${keys.join(", ")}${suggest(key, keys)}`, key);
    }
    return kind === "sentence" ? sentenceColumn(corpus, sentence, key) : wordColumn(corpus, places, key);
  };
  return {
    kind,
    rows: sentence.length,
    sentence,
    position,
    text,
    keys,
    fingerprint: corpus.fingerprint,
    column(key) {
      const column = columns.get(key) ?? make(key);
      columns.set(key, column);
      return column;
    },
  };
}

function wordPlaces(corpus: Corpus): RowPlaces {
  const rows = corpus.sentences.flatMap(({ words }, sentence) => words.map((_, word) => ({ sentence, word })));
  return {
    kind: "word",
    sentence: Uint32Array.from(rows, (row) => row.sentence),
    position: Uint32Array.from(rows, (row) => row.word),
    word: Int32Array.from(rows, (row) => row.word),
    text: rows.map(({ sentence, word }) => corpus.sentences[sentence]!.words[word]!.form),
  };
}

function sentencePlaces(corpus: Corpus): RowPlaces {
  return {
    kind: "sentence",
    sentence: Uint32Array.from(corpus.sentences.keys()),
    position: new Uint32Array(corpus.sentences.length),
    text: corpus.sentences.map(({ text }) => text),
  };
}

function wordColumn(corpus: Corpus, { sentence, word }: RowPlaces, key: string): (string | null)[] {
  return Array.from(sentence, (s, row) => annotationOf(corpus.sentences[s]!, word![row]!, key));
}

/** A sentence has its label, or the values of all its words, each once, in the order of the words. */
function sentenceColumn(corpus: Corpus, rows: Uint32Array, key: string): (string | readonly string[] | null)[] {
  return Array.from(rows, (s) => {
    const sentence = corpus.sentences[s]!;
    const label = sentence.labels[key];
    if (label !== undefined) return label;
    const values = new Set<string>();
    sentence.words.forEach((_, word) => {
      const value = annotationOf(sentence, word, key);
      if (value !== null) values.add(value);
    });
    return values.size === 0 ? null : [...values];
  });
}
