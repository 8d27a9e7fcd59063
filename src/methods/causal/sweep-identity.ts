import { Fingerprint, fingerprint } from "../../core/sha256.js";
import type { Corpus } from "../../corpus/corpus.js";
import type { Provenance } from "../result.js";
import { type AblateOptions, metricOptions } from "./ablate.js";
import type { SweepIdentity } from "./sweep-journal.js";
import type { Units } from "./units.js";

/** What a sweep is called where it is not continued as another one: `each neuron`, or the sets of a `ranking`. */
export interface SweepKind {
  readonly kind: string;
  /** Units that are ablated two at a time too. */
  readonly pairs?: number | undefined;
}

/** What the numbers of a sweep depend on, but for its batches. */
export function identityOf(
  { kind, pairs = 0 }: SweepKind,
  { sites, members }: Pick<Units, "sites" | "members">,
  { options: reading }: Corpus,
  options: AblateOptions,
  { version, device, model, corpus, seed }: Provenance,
): SweepIdentity {
  const units = new Fingerprint().add(JSON.stringify(sites));
  for (const columns of members) units.add(Uint32Array.of(columns.length)).add(columns);
  return {
    version,
    device,
    model,
    corpus,
    "reading of the corpus": JSON.stringify(reading ?? {}),
    "kind of units": kind,
    "choice of units": units.finish(),
    "number of units in pairs": pairs,
    value: options.value,
    direction: options.directions ? fingerprint(options.directions.values) : null,
    metric: options.metric,
    ...Object.fromEntries(metricOptions.map((name) => [name, short(options[name]?.toString() ?? null)])),
    positions: options.positions ?? "all",
    seed,
    batch: options.batchTokens ?? null,
  };
}

/** A text as a line can hold it: a long one by its fingerprint. */
function short(text: string | null): string | null {
  return text !== null && text.length > 64 ? fingerprint(text) : text;
}
