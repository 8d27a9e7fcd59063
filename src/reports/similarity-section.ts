import { methodText, optionsLine, section } from "./headings.js";
import type { Html } from "./html.js";
import type { SimilarityResult } from "./kinds.js";
import type { Numbering } from "./numbering.js";
import { similarityFigure } from "./similarity-figure.js";

/** A matrix of similarities of sources. */
export function similaritySection(result: SimilarityResult, numbering: Numbering): Html {
  const drawing = similarityFigure(result.sources, result.values);
  return section(methodText(result.method), optionsLine(result), numbering.figure("Each source with each.", drawing));
}
