import type { Corpus } from "../../corpus/corpus.js";
import type { Model } from "../../model/model.js";
import type { MethodContext, Provenance } from "../result.js";
import { type AblateOptions, ablationProvenance, type Preparation, prepareAblation } from "./ablate.js";
import { identityOf, type SweepKind } from "./sweep-identity.js";
import { batchesOfJournal, SweepJournal } from "./sweep-journal.js";
import type { Units } from "./units.js";

/** How a sweep is kept while it goes on. */
export interface KeepOptions {
  /**
   * A file that keeps what is measured: a sweep that is cut short goes on from there with the same numbers. It stays when
   * the sweep is done, for whoever writes the result to delete it then.
   */
  readonly journal?: string;
  /** What to do where there is a journal: go on with its sweep, or refuse another one (the default), or begin anew. */
  readonly existing?: "refuse" | "replace";
  /** Is told where a sweep that was cut short goes on. */
  readonly onContinue?: () => void;
}

/** The names of these options. */
export const keepOptions: readonly (keyof KeepOptions)[] = ["journal", "existing", "onContinue"];

/** A sweep that is ready to go on from where it was cut short, or to begin. */
export interface KeptSweep extends AsyncDisposable {
  readonly prepared: Preparation;
  readonly provenance: Provenance;
  /** Null where nothing is to be kept. */
  readonly journal: SweepJournal | null;
}

/**
 * Makes a sweep ready. One that was cut short goes on with the batches that it began with, whatever memory is allowed now.
 *
 * @throws FileError for the journal of another sweep; ArgumentError where its batches need more memory than is allowed, and
 * see `prepareAblation`
 */
export async function openSweep(
  model: Model,
  corpus: Corpus,
  units: Pick<Units, "sites" | "members">,
  { journal: path, existing = "refuse", onContinue, ...options }: AblateOptions & KeepOptions & SweepKind,
  context: MethodContext,
): Promise<KeptSweep> {
  const provenance = await ablationProvenance(model, corpus, options.seed ?? 0);
  const identity = identityOf(options, units, corpus, options, provenance);
  const begun = path === undefined || existing === "replace" ? null : await batchesOfJournal(path, identity);
  const prepared = await prepareAblation(model, corpus, units, options, context, begun);
  const journal = path === undefined ? null : await SweepJournal.open(path, identity, prepared.layout, { existing });
  if (begun) onContinue?.();
  return { prepared, provenance, journal, [Symbol.asyncDispose]: async () => await journal?.[Symbol.asyncDispose]() };
}
