import type { RowTable } from "./rows.js";

/** The key of how many words a premise and a hypothesis share, in per cent: a pair has 25, 50 and 75 where it has more than that. */
export const overlapKey = "overlap";

/** The keys that it is made of. */
export const overlapNeeds = ["premise.form", "hypothesis.form"] as const;

const shares = [25, 50, 75];

/**
 * Which overlaps each pair exceeds: |P ∩ H| / |P ∪ H| of its different words (Jaccard); with `mu-andreas` the authors'
 * |P ∩ H| / (|P ∖ H| + |H ∖ P| + 1e-5), which has no upper bound.
 */
export function overlapColumn(table: RowTable, compat: "mu-andreas" | undefined): (readonly string[] | null)[] {
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
