import type { Corpus, Sentence } from "./corpus.js";

const wordColumns = ["form", "lemma", "upos", "xpos", "deprel"];
const headKeys = ["form", "lemma", "upos", "deprel"];

/**
 * The annotation keys of a corpus: the columns of its words, then `feats.…`, `misc.…` and the sentences' labels in
 * alphabetical order, then `head.form`, `head.lemma`, `head.upos`, `head.deprel` and `depth` where it has trees.
 */
export function annotationKeys(corpus: Corpus): string[] {
  const found = new Set<string>();
  const labels = new Set<string>();
  let trees = false;
  for (const sentence of corpus.sentences) {
    for (const key in sentence.labels) labels.add(key);
    for (const { annotations, head } of sentence.words) {
      for (const key in annotations) found.add(key);
      trees ||= head >= 0;
    }
  }
  const columns = wordColumns.filter((key) => found.has(key));
  const others = [...found].filter((key) => !wordColumns.includes(key)).sort();
  const heads = trees ? headKeys.filter((key) => found.has(key)).map((key) => `head.${key}`) : [];
  if (trees) heads.push("depth");
  return [...new Set([...columns, ...others, ...[...labels].sort(), ...heads])];
}

/**
 * What a corpus says of a word: the label of its sentence, its own annotation, or for `head.KEY` that of its head;
 * `depth` how many heads are above it; null where it says nothing. `word` −1 has only labels.
 */
export function annotationOf(sentence: Sentence, word: number, key: string): string | null {
  const label = sentence.labels[key];
  if (label !== undefined) return label;
  const own = sentence.words[word];
  if (!own) return null;
  if (key === "depth" && own.annotations[key] === undefined) return depthOf(sentence, word);
  if (!key.startsWith("head.")) return own.annotations[key] ?? null;
  return sentence.words[own.head]?.annotations[key.slice("head.".length)] ?? null;
}

/** The heads between a word and the root of its tree; null where the heads go in a circle. */
function depthOf({ words }: Sentence, word: number): string | null {
  let depth = 0;
  for (let head = words[word]!.head; head >= 0; head = words[head]!.head) {
    if (++depth >= words.length) return null;
  }
  return String(depth);
}
