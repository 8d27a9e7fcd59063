import { Fingerprint, fingerprint } from "../../core/sha256.js";
import type { Corpus } from "../../corpus/corpus.js";
import type { Provenance } from "../result.js";
import { metricOptions, type Preparation } from "./ablate.js";
import type { SweepIdentity } from "./sweep-journal.js";
import type { Units } from "./units.js";

/** What the numbers of a sweep depend on. */
export function identityOf(
  { sites, members }: Units,
  { options: reading }: Corpus,
  { layout, options }: Preparation,
  { version, device, model, corpus }: Provenance,
): SweepIdentity {
  const units = new Fingerprint().add(JSON.stringify(sites));
  for (const columns of members) units.add(Uint32Array.of(columns.length)).add(columns);
  return {
    version,
    device,
    model,
    corpus,
    "reading of the corpus": JSON.stringify(reading ?? {}),
    "choice of units": units.finish(),
    value: options.value,
    metric: options.metric,
    ...Object.fromEntries(metricOptions.map((name) => [name, short(options[name]?.toString() ?? null)])),
    positions: options.positions,
    seed: options.seed,
    "size of batches": `${layout.batchTokens} tokens, ${layout.spanAblations} units at a time`,
  };
}

/** A text as a line can hold it: a long one by its fingerprint. */
function short(text: string | null): string | null {
  return text !== null && text.length > 64 ? fingerprint(text) : text;
}
