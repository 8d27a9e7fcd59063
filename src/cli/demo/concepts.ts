import { join } from "node:path";
import { activations } from "../../activations/live.js";
import { openSource } from "../../activations/open.js";
import type { ActivationSource } from "../../activations/source.js";
import { writeStore } from "../../activations/store-writer.js";
import { resolveConcept } from "../../corpus/concepts.js";
import type { Corpus } from "../../corpus/corpus.js";
import { averagePrecision } from "../../methods/corpus/average-precision.js";
import { iou } from "../../methods/corpus/iou.js";
import { probeless } from "../../methods/probing/probeless.js";
import type { Ranking } from "../../methods/result.js";
import type { Model } from "../../model/model.js";
import type { Session } from "../session.js";

/** What is looked for in every model, and how a reader says it. */
export const concepts = [
  { concept: "misc.Quote=Yes", name: "inside quotes" },
  { concept: "misc.Bracket=Yes", name: "inside brackets" },
  { concept: "upos=NOUN", name: "nouns" },
  { concept: "feats.Number=Plur", name: "plural words" },
  { concept: "feats.Tense=Fut", name: "future auxiliaries" },
  { concept: "feats.Tense=Past", name: "past verbs" },
  { concept: "label=positive", name: "positive sentences" },
] as const;

/** One concept's rankings in one model, by three methods. */
export interface Found {
  readonly name: string;
  /** The share of words that have it: what average precision is by chance. */
  readonly share: number;
  readonly averagePrecision: Ranking;
  readonly iou: Ranking;
  readonly probeless: Ranking;
}

/** A model's neurons ranked for every concept. */
export interface Search {
  readonly model: Model;
  readonly source: ActivationSource;
  readonly found: readonly Found[];
  readonly milliseconds: { readonly extract: number; readonly rank: number };
}

/** Writes a model's activations over a corpus to a store in `folder`, and ranks its neurons for every concept. */
export async function searchConcepts(
  model: Model,
  corpus: Corpus,
  { sites, folder, session }: { readonly sites: string; readonly folder: string; readonly session: Session },
): Promise<Search> {
  const started = performance.now();
  const path = join(folder, model.name);
  await writeStore(await activations(model, corpus, { sites, rows: "word" }), path, {}, session.context);
  const source = await openSource(path);
  const extracted = performance.now();
  const found: Found[] = [];
  for (const { concept, name } of concepts) {
    const options = { concept, device: model.device, seed: session.seed };
    found.push({
      name,
      share: shareOf(source, concept),
      averagePrecision: await averagePrecision(source, options, { signal: session.signal }),
      iou: await iou(source, options, { signal: session.signal }),
      probeless: await probeless(source, options, { signal: session.signal }),
    });
  }
  const milliseconds = { extract: extracted - started, rank: performance.now() - extracted };
  return { model, source, found, milliseconds };
}

function shareOf({ table }: ActivationSource, concept: string): number {
  if (!table) throw new Error("a store of words has a table");
  const { labels } = resolveConcept(table, concept);
  return labels.filter((label) => label >= 0).length / labels.length;
}
