import type { AnyResult } from "../methods/result-check.js";
import { methodText, optionsLine, section } from "./headings.js";
import type { Content, Html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";

/** The single values of a result that has no figure of its own. */
export function plainSection(result: AnyResult, numbering: Numbering): Html {
  const values = "values" in result && typeof result.values === "object" && result.values !== null ? result.values : {};
  const cells = Object.entries(values).map(([name, value]): Content[] => [name, text(value)]);
  return section(methodText(result.method), optionsLine(result), numbering.table("Values.", ["", "value"], cells));
}

function text(value: unknown): string {
  if (typeof value === "number") return shown(value);
  const written = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return written.length > 200 ? `${written.slice(0, 200)}…` : written;
}
