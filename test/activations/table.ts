import type { RowKind, RowTable } from "../../src/corpus/rows.js";

/** A table of rows as literal as a test wants it. */
export function tableOf(
  kind: RowKind,
  sentence: readonly number[],
  position: readonly number[],
  text: readonly string[],
  annotations: Readonly<Record<string, readonly (string | readonly string[] | null)[]>>,
): RowTable {
  return {
    kind,
    rows: text.length,
    sentence: Uint32Array.from(sentence),
    position: Uint32Array.from(position),
    text,
    keys: Object.keys(annotations),
    column: (key) => annotations[key] ?? [],
    fingerprint: "f",
  };
}
