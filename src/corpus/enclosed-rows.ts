import type { RowTable } from "./rows.js";

type Answers = ("yes" | "no")[];

/** What opens and closes, character by character; a mark of `both` closes where one is open and opens else. */
interface Marks {
  readonly open: string;
  readonly close: string;
  readonly both: string;
}

const quotes: Marks = { open: "“„«‹", close: "”»›", both: '"' };
const brackets: Marks = { open: "([{（［｛", close: ")]}）］｝", both: "" };

/**
 * Which rows stand inside quotation marks (`"`, “ ”, „ ”, « », ‹ › and the treebanks' `` and '') of their sentence: `yes` from the
 * opening mark on, `no` again from the closing mark on, as a reader from left to right knows it. What is never closed
 * goes on to the sentence's end. Apostrophes are no quotation marks.
 */
export function insideQuotes(table: RowTable): Answers {
  return enclosed(table, quotes, (text) => text.replace(/^``$/, "“").replace(/^''$/, "”"));
}

/** Which rows stand inside round, square or curly brackets of their sentence, in the same way. */
export function insideBrackets(table: RowTable): Answers {
  return enclosed(table, brackets, (text) => text);
}

function enclosed(table: RowTable, marks: Marks, normalise: (text: string) => string): Answers {
  let depth = 0;
  return table.text.map((text, row) => {
    if (row === 0 || table.sentence[row] !== table.sentence[row - 1]) depth = 0;
    for (const character of normalise(text)) depth = follow(depth, character, marks);
    return depth > 0 ? "yes" : "no";
  });
}

function follow(depth: number, character: string, { open, close, both }: Marks): number {
  if (open.includes(character)) return depth + 1;
  if (close.includes(character)) return Math.max(0, depth - 1);
  if (both.includes(character)) return depth > 0 ? depth - 1 : 1;
  return depth;
}
