import type { Corpus } from "../../corpus/corpus.js";
import { ablateEach, type DamageRanking } from "../../methods/causal/ablate-each.js";
import { type AblationCurve, ablateRanking } from "../../methods/causal/ablate-ranking.js";
import type { Evaluation, Ranking } from "../../methods/result.js";
import type { Model } from "../../model/model.js";
import type { Session } from "../session.js";

/** The words whose prediction the check is about: quotation marks. */
const checkedWords = 'form="';

/** What ablation says of a ranking, and how long it took. */
export interface Check {
  readonly curve: Evaluation<AblationCurve>;
  readonly each: DamageRanking;
  readonly milliseconds: { readonly curve: number; readonly each: number };
}

/** Takes the top, random and bottom neurons of a ranking away, then every neuron in turn: does it hurt the quotation marks? */
export async function checkByAblation(
  model: Model,
  corpus: Corpus,
  ranking: Ranking,
  { session }: { readonly session: Session },
): Promise<Check> {
  const options = { value: "mean", metric: "loss", concept: checkedWords, seed: session.seed } as const;
  const started = performance.now();
  const curve = await ablateRanking(
    model,
    corpus,
    ranking,
    { ...options, counts: [0, 1, 2, 4, 8, 16, 32] },
    session.context,
  );
  const drawn = performance.now();
  const sites = ranking.sites.map(({ name }) => name).join(",");
  const each = await ablateEach(model, corpus, { ...options, sites }, session.context);
  return { curve, each, milliseconds: { curve: drawn - started, each: performance.now() - drawn } };
}
