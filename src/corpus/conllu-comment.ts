/** A comment line of CoNLL-U. */
export interface Comment {
  readonly key: string;
  readonly value: string;
  /** Whether it says something of its sentence, as `# genre = news` does. */
  readonly label: boolean;
}

const structure = /^(text|sent_id|newdoc|newpar|global)\b/;

/** What a comment line says; null for a line that is none. A comment without `=` has an empty value and labels nothing. */
export function readComment(line: string): Comment | null {
  if (!line.startsWith("#")) return null;
  const equals = line.indexOf("=");
  if (equals < 0) return { key: line.slice(1).trim(), value: "", label: false };
  const key = line.slice(1, equals).trim();
  const value = line.slice(equals + 1).replace(/^ /, "");
  return { key, value, label: key !== "" && !structure.test(key) };
}
