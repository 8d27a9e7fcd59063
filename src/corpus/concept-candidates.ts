import type { Encoding, Tokenizer } from "../model/tokenizer.js";
import type { Sentence } from "./corpus.js";
import { tokenTexts } from "./token-texts.js";

/** A piece of text that a neuron may stand for: a word, a part of a word that is a token, or a dependency subtree. */
export interface ConceptCandidate {
  readonly kind: "word" | "piece" | "phrase";
  /** Lemmas, lower-cased and joined by spaces; of a piece its own letters. */
  readonly text: string;
}

/** A sentence as candidates are looked for in it. */
export interface CandidateSentence {
  readonly lemmas: readonly string[];
  readonly heads: readonly number[];
  /** Tokens that are a part of a word, lower-cased, each once. */
  readonly pieces: ReadonlySet<string>;
}

/** Lemmas where the corpus has them, else the forms. */
export function candidateSentence(
  { text, words }: Sentence,
  encoding: Encoding,
  tokenizer: Pick<Tokenizer, "token">,
): CandidateSentence {
  const lemmas = words.map(({ form, annotations }) => (annotations.lemma ?? form).toLowerCase());
  const whole = new Set(words.map(({ form }) => form.toLowerCase()));
  const read = tokenTexts(text, encoding, tokenizer).filter((_, token) => !encoding.special[token]);
  const parts = read.map((part) => part.trim().toLowerCase()).filter((part) => part !== "" && !whole.has(part));
  return { lemmas, heads: words.map(({ head }) => head), pieces: new Set(parts) };
}

/** The words, pieces and subtrees of a sentence, each text once; a subtree has two words or more, but not all, side by side. */
export function candidatesOf({ lemmas, heads, pieces }: CandidateSentence): ConceptCandidate[] {
  const found = new Map<string, ConceptCandidate>();
  const add = (kind: ConceptCandidate["kind"], text: string) => {
    if (!found.has(text)) found.set(text, { kind, text });
  };
  for (const lemma of lemmas) add("word", lemma);
  for (const [start, end] of subtreeSpans(heads)) add("phrase", lemmas.slice(start, end).join(" "));
  for (const piece of pieces) add("piece", piece);
  return [...found.values()];
}

/** Whether a sentence has a candidate: its lemmas side by side, or the piece among its tokens. */
export function containsCandidate({ lemmas, pieces }: CandidateSentence, { kind, text }: ConceptCandidate): boolean {
  return kind === "piece" ? pieces.has(text) : ` ${lemmas.join(" ")} `.includes(` ${text} `);
}

/** From the first to behind the last word of every subtree without gaps. */
function subtreeSpans(heads: readonly number[]): (readonly [start: number, end: number])[] {
  const members = heads.map((_, word) => [word]);
  heads.forEach((_, word) => {
    let above = heads[word]!;
    for (let steps = 0; above >= 0 && steps < heads.length; steps++) {
      members[above]!.push(word);
      above = heads[above]!;
    }
  });
  return members
    .map((words) => [Math.min(...words), Math.max(...words) + 1, words.length] as const)
    .filter(([start, end, size]) => size > 1 && size < heads.length && end - start === size)
    .map(([start, end]) => [start, end] as const);
}
