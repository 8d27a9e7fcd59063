import { insideBrackets, insideQuotes } from "./enclosed-rows.js";
import type { RowTable } from "./rows.js";

const overlapNeeds = ["premise.form", "hypothesis.form"] as const;
const shares = [25, 50, 75];

/**
 * A table that knows more keys, where it has none of these names: `text`, the row's own text; for rows that are no
 * sentences `position` in the sentence, `inside-quotes` and `inside-brackets` (yes, no); for pairs of sentences
 * `overlap`, how many words premise and hypothesis share, in per cent: 25, 50 and 75 where it is more than that.
 */
export function withDerivedKeys(table: RowTable, compat?: "mu-andreas"): RowTable {
  const made = new Map<string, () => ReturnType<RowTable["column"]>>([["text", () => table.text]]);
  if (table.kind !== "sentence") {
    made.set("position", () => Array.from(table.position, String));
    made.set("inside-quotes", () => insideQuotes(table));
    made.set("inside-brackets", () => insideBrackets(table));
  }
  if (overlapNeeds.every((key) => table.keys.includes(key))) made.set("overlap", () => overlapColumn(table, compat));
  for (const key of table.keys) made.delete(key);
  return {
    ...table,
    keys: [...table.keys, ...made.keys()],
    column: (key) => made.get(key)?.() ?? table.column(key),
  };
}

/**
 * Which overlaps each pair exceeds: |P ∩ H| / |P ∪ H| of its different words (Jaccard); with `mu-andreas` the authors'
 * |P ∩ H| / (|P ∖ H| + |H ∖ P| + 1e-5), which has no upper bound.
 */
function overlapColumn(table: RowTable, compat: "mu-andreas" | undefined): (readonly string[] | null)[] {
  const [premises, hypotheses] = overlapNeeds.map((key) => table.column(key));
  return Array.from({ length: table.rows }, (_, row) => {
    const [premise, hypothesis] = [wordsOf(premises![row]!), wordsOf(hypotheses![row]!)];
    const both = [...premise].filter((word) => hypothesis.has(word)).length;
    const either = premise.size + hypothesis.size - both;
    const share = compat === "mu-andreas" ? both / (either - both + 1e-5) : both / Math.max(1, either);
    const passed = shares.filter((percent) => share > percent / 100).map(String);
    return passed.length > 0 ? passed : null;
  });
}

function wordsOf(cell: string | readonly string[] | null): ReadonlySet<string> {
  return new Set(cell === null ? [] : [cell].flat());
}
