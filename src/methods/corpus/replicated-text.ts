import { activations } from "../../activations/live.js";
import { rowsOf } from "../../activations/neuron-values.js";
import { ArgumentError } from "../../core/errors.js";
import { neuronName, type Site } from "../../core/sites.js";
import {
  type CandidateSentence,
  type ConceptCandidate,
  candidateSentence,
  candidatesOf,
  containsCandidate,
} from "../../corpus/concept-candidates.js";
import { type Corpus, spacedSentence } from "../../corpus/corpus.js";
import type { Model } from "../../model/model.js";
import { provenanceOf } from "../provenance.js";
import type { MethodContext, Provenance } from "../result.js";

/** A concept that a neuron answers to. */
export interface AlignedConcept extends ConceptCandidate {
  /** Degree of alignment: the neuron's mean activation on the replicated text. */
  readonly alignment: number;
  /** (mean over the sentences that contain it − mean over the others) / (largest − least sentence mean); 0 where there are no others. */
  readonly selectivity: number;
}

/** For every neuron the concepts whose replicated text it answers to most. */
export interface ConceptAlignment {
  readonly kind: "alignment";
  readonly method: "replicated-text";
  readonly sites: readonly Site[];
  readonly neurons: readonly {
    readonly neuron: string;
    readonly column: number;
    readonly concepts: readonly AlignedConcept[];
    /** Of the sentences that contain any of the concepts. */
    readonly selectivity: number;
  }[];
  /** Different candidates that were replicated. */
  readonly candidates: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly provenance: Provenance;
}

export interface AlignOptions {
  /** As for activations: `layers.*.residual`. */
  readonly sites: string;
  /** Sentences per neuron whose parts are candidates (default 10). */
  readonly sentences?: number;
  /** Concepts that are kept (default 3). */
  readonly concepts?: number;
}

/**
 * Aligns every neuron with the concepts it answers to, by replicated text (Na et al. 2019). Candidates are the words,
 * word pieces and dependency subtrees, as lemmas, of the sentences with the neuron's largest mean activation (those whose
 * means agree to three decimals count once). Each is repeated to the corpus' mean number of tokens, and the degree of
 * alignment is the neuron's mean activation on that. One pass over the corpus, one over all candidates together.
 *
 * @throws ArgumentError for numbers that are no whole numbers from 1 on, and what `activations` refuses
 */
export async function alignConcepts(
  model: Model,
  corpus: Corpus,
  { sites, sentences: count = 10, concepts: keep = 3 }: AlignOptions,
  context: MethodContext = {},
): Promise<ConceptAlignment> {
  for (const [name, value] of Object.entries({ sentences: count, concepts: keep })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new ArgumentError(name, "a whole number from 1 on", value);
  }
  const source = await activations(model, corpus, { sites, rows: "sentence", pool: "mean" });
  const means = columnsOf((await rowsOf(source, context)).values, source.columns);
  const encodings = await model.tokenizer.encode(corpus.sentences.map(({ text }) => text));
  const read = corpus.sentences.map((one, i) => candidateSentence(one, encodings[i]!, model.tokenizer));
  const length = encodings.reduce((sum, { special }) => sum + contentOf(special), 0) / encodings.length;
  const wanted = candidatesOfNeurons(means, read, count);
  const aligned = await alignAll(model, wanted, { sites, length, keep }, context);
  const containing = containment(read);
  return {
    kind: "alignment",
    method: "replicated-text",
    sites: source.sites,
    neurons: means.map((column, i) => {
      const concepts = aligned[i]!.map((one) => ({ ...one, selectivity: selectivity(column, containing([one])) }));
      return {
        neuron: neuronName(source.sites, i),
        column: i,
        concepts,
        selectivity: selectivity(column, containing(concepts)),
      };
    }),
    candidates: wanted.size,
    options: { sentences: count, concepts: keep },
    provenance: await provenanceOf(source, model.device, 0),
  };
}

/** One array per column. */
function columnsOf(values: Float32Array, columns: number): Float32Array[] {
  const rows = values.length / columns;
  return Array.from({ length: columns }, (_, column) =>
    Float32Array.from({ length: rows }, (_, row) => values[row * columns + column]!),
  );
}

function contentOf(special: Uint8Array): number {
  return special.reduce((sum, mark) => sum + (mark ? 0 : 1), 0);
}

/** A candidate and the columns in whose sentences it stands. */
interface Wanted {
  readonly candidate: ConceptCandidate;
  readonly columns: number[];
}

function candidatesOfNeurons(
  means: readonly Float32Array[],
  read: readonly CandidateSentence[],
  count: number,
): Map<string, Wanted> {
  const known = new Map<number, ConceptCandidate[]>();
  const wanted = new Map<string, Wanted>();
  means.forEach((column, i) => {
    for (const sentence of strongest(column, count)) {
      const candidates = known.get(sentence) ?? candidatesOf(read[sentence]!);
      known.set(sentence, candidates);
      for (const candidate of candidates) {
        const { columns } = wanted.get(candidate.text) ?? { columns: [] as number[] };
        if (columns.length === 0) wanted.set(candidate.text, { candidate, columns });
        if (columns.at(-1) !== i) columns.push(i);
      }
    }
  });
  return wanted;
}

/** The sentences with the largest means, of which no two agree to three decimals; ties go to the earlier one. */
function strongest(column: Float32Array, count: number): number[] {
  const order = Array.from(column.keys()).sort((a, b) => column[b]! - column[a]! || a - b);
  const seen = new Set<string>();
  const found: number[] = [];
  for (const sentence of order) {
    if (found.length === count) break;
    const rounded = column[sentence]!.toFixed(3);
    if (!seen.has(rounded)) found.push(sentence);
    seen.add(rounded);
  }
  return found;
}

type Aligned = ConceptCandidate & { readonly alignment: number };

/** Reads all replicated texts once and keeps the concepts of the largest means of every column. */
async function alignAll(
  model: Model,
  wanted: ReadonlyMap<string, Wanted>,
  { sites, length, keep }: { readonly sites: string; readonly length: number; readonly keep: number },
  { signal, onProgress }: MethodContext,
): Promise<Aligned[][]> {
  const all = [...wanted.values()];
  const encodings = await model.tokenizer.encode(all.map(({ candidate }) => candidate.text));
  const told = all.filter((_, i) => contentOf(encodings[i]!.special) > 0);
  const texts = all.flatMap(({ candidate: { text } }, i) => {
    const tokens = contentOf(encodings[i]!.special);
    return tokens > 0 ? [new Array<string>(Math.max(1, Math.round(length / tokens))).fill(text).join(" ")] : [];
  });
  const corpus = { path: "replicated text", fingerprint: "", sentences: texts.map((text) => spacedSentence(text)) };
  const source = await activations(model, corpus, { sites, rows: "sentence", pool: "mean" });
  const best = Array.from({ length: source.columns }, (): Aligned[] => []);
  for await (const block of source.blocks(signal ? { signal } : {})) {
    const values = await block.values();
    for (let row = 0; row < block.rows; row++) {
      const { candidate, columns } = told[block.firstRow + row]!;
      for (const column of columns) {
        insert(best[column]!, { ...candidate, alignment: values[row * source.columns + column]! }, keep);
      }
    }
    onProgress?.(block.firstRow + block.rows, source.rows, "replicated texts");
  }
  return best;
}

/** Ties go to the candidate that came first. */
function insert(best: Aligned[], one: Aligned, keep: number): void {
  const place = best.findIndex(({ alignment }) => alignment < one.alignment);
  best.splice(place < 0 ? best.length : place, 0, one);
  if (best.length > keep) best.pop();
}

/** Which sentences contain any of some candidates; what is known of a candidate is kept. */
function containment(read: readonly CandidateSentence[]) {
  const known = new Map<string, readonly boolean[]>();
  const of = (candidate: ConceptCandidate): readonly boolean[] => {
    const found = known.get(candidate.text) ?? read.map((sentence) => containsCandidate(sentence, candidate));
    known.set(candidate.text, found);
    return found;
  };
  return (candidates: readonly ConceptCandidate[]): boolean[] => {
    const each = candidates.map(of);
    return read.map((_, sentence) => each.some((found) => found[sentence]));
  };
}

function selectivity(means: Float32Array, contains: readonly boolean[]): number {
  const [inside, outside] = [true, false].map((side) => means.filter((_, i) => contains[i] === side));
  const range = means.reduce((a, b) => Math.max(a, b)) - means.reduce((a, b) => Math.min(a, b));
  if (inside!.length === 0 || outside!.length === 0 || range === 0) return 0;
  return (average(inside!) - average(outside!)) / range;
}

function average(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
