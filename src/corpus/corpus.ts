import { FileError } from "../core/errors.js";

/** A word of a corpus: a syntactic word of a treebank, or a run of characters that are not spaces. */
export interface Word {
  readonly form: string;
  /** Where it stands in the sentence's text, in code points: start … end − 1. */
  readonly start: number;
  readonly end: number;
  /** Annotations by key: `form`, `lemma`, `upos`, `xpos`, `feats.Number`, `deprel`, `misc.Cxn`; absent where the corpus has `_`. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The number of its head in the sentence's words; −1 for a root and where there is no tree. */
  readonly head: number;
}

/** A sentence as a model is to read it. */
export interface Sentence {
  readonly text: string;
  readonly words: readonly Word[];
  /** What holds for the whole sentence: label columns of a table, comments `# key = value` of a treebank. */
  readonly labels: Readonly<Record<string, string>>;
  /** What stands beside it in a second column: what a model reads or writes as its answer, a translation say. */
  readonly target?: Sentence;
  /** Of an agreement item: the form that its pair differs in, in code points: start … end − 1. */
  readonly critical?: { readonly start: number; readonly end: number };
}

/** A corpus in memory, sentences in the file's order. */
export interface Corpus {
  readonly path: string;
  /** SHA-256 of the file, in hex. */
  readonly fingerprint: string;
  readonly sentences: readonly Sentence[];
  /** How the file was read, where it was told to be read otherwise than usually: `text`, `textColumn`, `format`. */
  readonly options?: Readonly<Record<string, string>>;
}

/** What a sentence's text is: as it was written, or the words joined by single spaces. */
export type TextForm = "written" | "words";

/** A word without head or annotations, at UTF-16 places of the text. */
export interface PlacedWord extends Omit<Word, "annotations" | "head"> {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly head?: number;
}

/** A sentence of words that stand at UTF-16 places of `text`; their spans become code points. */
export function sentenceOf(
  text: string,
  words: readonly PlacedWord[],
  labels: Readonly<Record<string, string>> = {},
): Sentence {
  const place = codePoints(text);
  return {
    text,
    words: words.map(({ form, start, end, annotations, head }) => {
      return { form, start: place(start), end: place(end), annotations: annotations ?? { form }, head: head ?? -1 };
    }),
    labels,
  };
}

/** A sentence whose words are the runs of its text that are not spaces, or those runs joined by single spaces. */
export function spacedSentence(
  written: string,
  form: TextForm = "written",
  labels: Readonly<Record<string, string>> = {},
): Sentence {
  const text = form === "words" ? (written.match(/\S+/gu) ?? []).join(" ") : written;
  const words = [...text.matchAll(/\S+/gu)].map((match) => {
    return { form: match[0], start: match.index, end: match.index + match[0].length };
  });
  return sentenceOf(text, words, labels);
}

/** A sentence with the one that stands beside it, which has its labels too. */
export function pairedSentence(
  source: string,
  target: string,
  form: TextForm = "written",
  labels: Readonly<Record<string, string>> = {},
): Sentence {
  return { ...spacedSentence(source, form, labels), target: spacedSentence(target, form, labels) };
}

/** The corpus of the second column. @throws FileError for a sentence without a target */
export function targetsOf(corpus: Corpus): Corpus {
  const sentences = corpus.sentences.map(({ target }, number) => {
    if (target) return target;
    const wanted = "a second column (source<TAB>target) for the decoder to read";
    throw new FileError(corpus.path, `Expected ${wanted} but sentence ${number} has none`);
  });
  return { ...corpus, sentences };
}

/** Turns UTF-16 offsets of a text into code points. */
function codePoints(text: string): (offset: number) => number {
  if (!/[\ud800-\udfff]/.test(text)) return (offset) => offset;
  const points = new Uint32Array(text.length + 1);
  for (let i = 1; i <= text.length; i++) {
    const trail = text.charCodeAt(i) >= 0xdc00 && text.charCodeAt(i) <= 0xdfff;
    points[i] = points[i - 1]! + (trail ? 0 : 1);
  }
  return (offset) => points[offset]!;
}
