import type { ActivationSource, SourceProvenance } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import type { Site } from "../../core/sites.js";
import { checkOptions } from "../check-options.js";
import { onDevice } from "../method-device.js";
import { rankScores } from "../order.js";
import { provenanceOf } from "../provenance.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { searchMatches } from "./search-matches.js";
import type { Matched } from "./strongest-matches.js";

export interface MatchOptions extends MethodOptions {
  /** How many matches each neuron has in each other source (default 1). */
  readonly top?: number;
}

/** The neurons of one other source that match each neuron best by |r|, with their signed r: lists where top > 1. */
export interface Match extends Matched {
  readonly source: string;
  readonly sites: readonly Site[];
}

export type MatchRanking = Ranking & {
  readonly matches: readonly Match[];
  /** What every source was made from, in their order. */
  readonly sources: readonly (SourceProvenance & { readonly name: string })[];
};

/** A source, and at least one other. */
export type Sources = readonly [ActivationSource, ...ActivationSource[]];

/**
 * Ranks the neurons of the first source by their best |r| in each of the others, over the same rows (Bau et al. 2019).
 *
 * @param combine the score of a neuron from its best |r| in every other source
 * @throws ArgumentError for fewer than two sources, and for sources of other rows or another corpus
 */
export async function rankByMatches(
  method: string,
  [first, ...others]: Sources,
  options: MatchOptions,
  context: MethodContext,
  combine: (...best: number[]) => number,
): Promise<MatchRanking> {
  checkOptions(method, options, ["top"]);
  const { top = 1, seed = 0 } = options;
  checkSources(first, others);
  if (!Number.isInteger(top) || top < 1) throw new ArgumentError("top", "a positive integer", top);
  const narrow = others.find(({ columns }) => columns < top);
  if (narrow) throw new ArgumentError("top", `at most the ${narrow.columns} neurons of ${narrow.name}`, top);
  return await onDevice(options.device ?? first.device, async (device) => {
    const best: Float64Array[] = [];
    const matches: Match[] = [];
    for (const other of others) {
      const { strongest, ...matched } = await searchMatches(first, other, top, device, context);
      best.push(strongest);
      matches.push({ source: other.name, ...matched, sites: other.sites });
    }
    const scores = Float64Array.from({ length: first.columns }, (_, column) =>
      combine(...best.map((values) => values[column]!)),
    );
    const sources = [];
    for (const source of [first, ...others]) sources.push({ name: source.name, ...(await source.provenance()) });
    return {
      kind: "ranking",
      method,
      concept: null,
      sites: first.sites,
      ...rankScores(scores),
      matches,
      sources,
      options: { top },
      provenance: await provenanceOf(first, device, seed),
    };
  });
}

function checkSources(first: ActivationSource, others: readonly ActivationSource[]): void {
  if (others.length === 0) throw new ArgumentError("sources", "two or more sources", 1);
  for (const other of others) {
    if (other.rows !== first.rows) {
      throw new ArgumentError(other.name, `${first.rows} rows like ${first.name}`, other.rows);
    }
    if (!first.table || !other.table || first.table.fingerprint === other.table.fingerprint) continue;
    throw new ArgumentError(other.name, `the corpus of ${first.name}`, other.table.fingerprint);
  }
}
