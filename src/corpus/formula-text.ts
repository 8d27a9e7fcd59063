/** A concept as formulas name it. */
interface NamedConcept {
  readonly key: string;
  /** A pattern's value is `~` and itself. */
  readonly value: string;
  /** There where the concept is NEIGHBORS of a word. */
  readonly neighbors?: readonly string[];
}

/** `KEY=VALUE`, `KEY~PATTERN` or `NEIGHBORS(KEY=VALUE)`; what is not letters, digits or `.:_-` is quoted as JSON. */
export function conceptText({ key, value, neighbors }: NamedConcept): string {
  if (neighbors) return `NEIGHBORS(${conceptText({ key, value })})`;
  return value.startsWith("~") ? `${key}~${quoted(value.slice(1))}` : `${key}=${quoted(value)}`;
}

function quoted(text: string): string {
  return /^[\p{L}\p{N}.:_-]+$/u.test(text) ? text : JSON.stringify(text);
}
