import type { AnyResult } from "../methods/result-check.js";
import { methodText, section } from "./headings.js";
import { type Content, type Html, html } from "./html.js";
import type { Numbering } from "./numbering.js";

/** What every result was made from: enough to make it again. */
export function provenanceSection(results: readonly AnyResult[], numbering: Numbering): Html {
  const cells = results.map(({ method, provenance }): Content[] => [
    methodText(method),
    fingerprint(provenance.model),
    fingerprint(provenance.corpus),
    fingerprint(provenance.activations),
    provenance.device,
    provenance.seed,
    provenance.version,
  ]);
  const caption =
    "What the results were made from: SHA-256 fingerprints (their first twelve digits), device, seed, and the version of neurometry.";
  const head = ["result", "model", "corpus", "activations", "device", "seed", "version"];
  return section("Provenance", numbering.table(caption, head, cells));
}

function fingerprint(digits: string | null): Html | string {
  return digits === null ? "–" : html`<code title="${digits}">${digits.slice(0, 12)}</code>`;
}
