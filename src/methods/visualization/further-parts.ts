import type { RowTable } from "../../corpus/rows.js";

/**
 * Whether a row of tokens is a further part of the character that the row before it has, such as the second byte of é,
 * whose text is the whole character too; it is asked for row by row. A letter that stands twice is told by the word's form.
 */
export function furtherParts(table: RowTable): (row: number) => boolean {
  if (table.kind !== "token" || !table.keys.includes("form")) return () => false;
  const forms = table.column("form");
  let read = "";
  let run = { rows: 0, letters: 0 };
  return (row) => {
    const [text, form] = [table.text[row]!, forms[row]];
    const inside = row > 0 && table.sentence[row] === table.sentence[row - 1];
    const ended = !inside || form !== forms[row - 1] || read === form;
    const same = inside && text === table.text[row - 1] && isWide(text);
    const whole = run.letters * new TextEncoder().encode(text).length;
    const part = same && (ended ? run.rows < whole : !String(form).startsWith(read + text));
    run = { rows: same ? run.rows + 1 : 1, letters: same ? run.letters + Number(!part) : 1 };
    if (!part) read = ended ? text : read + text;
    return part;
  };
}

/** Whether a text is one character of several bytes. */
function isWide(text: string): boolean {
  return /^[^\0-\x7f]$/u.test(text);
}
