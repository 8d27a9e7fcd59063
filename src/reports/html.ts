import { escapeXml } from "./svg-document.js";

/** Markup that is safe as it stands: only `html`, `join` and `trusted` make it. */
export class Html {
  constructor(readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

/** What may stand in a template: numbers and text are escaped, null is nothing. */
export type Content = string | number | Html | null | readonly Content[];

/** Markup with every value in it escaped, unless it is markup itself. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.reduce((text, part, i) => text + markupOf(values[i - 1] ?? null) + part));
}

/** Markup that others made and that nothing of the user's is in unescaped, such as a plot's. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function markupOf(value: Content): string {
  if (value === null) return "";
  if (value instanceof Html) return value.markup;
  if (typeof value === "string" || typeof value === "number") return escapeXml(String(value));
  return value.map(markupOf).join("");
}
