import type { ActivationSource } from "../activations/source.js";
import type { MethodContext } from "../methods/result.js";
import type { AnyResult } from "../methods/result-check.js";
import type { Html } from "./html.js";
import { Numbering } from "./numbering.js";
import { page } from "./page.js";
import { provenanceSection } from "./provenance-section.js";
import { sectionOf } from "./sections.js";
import { stripSection } from "./strip-section.js";

/** What a report shows beside the results. */
export interface ReportOptions {
  /** Its heading. Default: "Neurons". */
  readonly title?: string;
  /** Sentences under the heading that say what was asked and what was found. */
  readonly summary?: readonly string[];
  /** Rows with texts and annotations: the best neurons of the rankings are drawn over their top sentences. */
  readonly activations?: ActivationSource | readonly ActivationSource[];
}

/**
 * One HTML page with all results: no script, and nothing of it comes from elsewhere. The same results give the
 * same bytes. Everything that a result or a corpus says is escaped.
 *
 * @returns the page in UTF-8
 * @throws ArgumentError for activations whose sites no ranking is of, and for activations without texts
 */
export async function report(
  results: readonly AnyResult[],
  options: ReportOptions = {},
  context: MethodContext = {},
): Promise<string> {
  const numbering = new Numbering();
  const sections: Html[] = [];
  for (const result of results) sections.push(sectionOf(result, numbering));
  const sources = [options.activations ?? []].flat();
  if (sources.length > 0) sections.push(await stripSection(results, sources, numbering, context));
  sections.push(provenanceSection(results, numbering));
  return page(options.title ?? "Neurons", options.summary ?? [], sections);
}
