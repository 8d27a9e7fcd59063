import type { Context } from "../methods/corpus/contexts.js";

/** What stands before and behind a row in its sentence: with spaces between, unless tokens bring their own. */
export function contextText({ before, text, after }: Context): { readonly before: string; readonly after: string } {
  const spaced = [...before, text, ...after].some((part) => /\s/.test(part));
  if (spaced) return { before: before.join(""), after: after.join("") };
  const join = (texts: readonly string[]) => texts.join(" ");
  return { before: before.length > 0 ? `${join(before)} ` : "", after: after.length > 0 ? ` ${join(after)}` : "" };
}
