/** A list of concepts taken apart at its commas; those inside double quotes or braces (`form~^a{1,2}`) do not separate. */
export function splitSpecifications(concepts: string | readonly string[]): string[] {
  if (typeof concepts !== "string") return [...concepts];
  return concepts.match(/(?:"(?:\\.|[^"\\])*"|\{[^{}]*\}|[^,])+/gu) ?? [];
}
