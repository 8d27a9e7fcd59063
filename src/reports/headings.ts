import type { ConceptName } from "../methods/result.js";
import type { AnyResult } from "../methods/result-check.js";
import { type Html, html } from "./html.js";

/** `KEY=VALUE`, `KEY~PATTERN` or `KEY`, as a concept is written; the rows' own structure where there is none. */
export function conceptText(concept: ConceptName | null | undefined): string {
  if (!concept) return "no concept";
  if (concept.value === null) return concept.key;
  return concept.value.startsWith("~") ? `${concept.key}${concept.value}` : `${concept.key}=${concept.value}`;
}

const acronyms: Readonly<Record<string, string>> = { iou: "IoU", cka: "CKA", svcca: "SVCCA", pwcca: "PWCCA", kl: "KL" };

/** A method's name as a reader says it: `average-precision` → `Average precision`. */
export function methodText(method: string): string {
  const words = method.replaceAll("-", " ").replace(/\b(iou|cka|svcca|pwcca|kl)\b/g, (name) => acronyms[name] ?? name);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A method's name inside a sentence: `average precision`, `IoU`. */
export function methodInText(method: string): string {
  const text = methodText(method);
  return /^[A-Z][a-z]+\b/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

/** The options that a result was made with, in one line; nothing where there are none. */
export function optionsLine({ options }: AnyResult): Html | null {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  if (entries.length === 0) return null;
  return html`<p class="options">${entries.map(([name, value]) => `${name} ${optionText(value)}`).join(" · ")}</p>`;
}

function optionText(value: unknown): string {
  if (Array.isArray(value)) return value.map(optionText).join(", ");
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** A section with its heading. */
export function section(heading: string, ...parts: readonly (Html | null)[]): Html {
  return html`<section>
<h2>${heading}</h2>
${parts}</section>
`;
}
