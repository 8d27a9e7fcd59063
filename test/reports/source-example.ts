import type { ActivationSource } from "../../src/activations/source.js";
import { normal, random } from "../../src/core/random.js";
import type { RowTable } from "../../src/corpus/rows.js";
import { columns, provenance, sites } from "./example-space.js";

const texts = [
  ["The", "girl", "said", ":", '"', "We", "<script>alert(2)</script>", '"'],
  ["The", "dogs", "near", "the", "old", "house", "are", "small", "."],
  ["קראתי", "את", "הספר", "הזה", "."],
];

/** Rows of three sentences, one of them written from right to left; column 5 is low inside quotes. */
export function sourceExample(): ActivationSource {
  const rows = texts.flatMap((words, sentence) => words.map((text, position) => ({ sentence, position, text })));
  const quoted = rows.map(({ sentence, position }) => sentence === 0 && position >= 4 && position < 7);
  const draw = normal(random(7));
  const values = Float32Array.from({ length: rows.length * columns }, (_, i) =>
    i % columns === 5 ? (quoted[Math.floor(i / columns)] ? -1 : 1) + 0.05 * draw() : draw(),
  );
  const table: RowTable = {
    kind: "word",
    rows: rows.length,
    sentence: Uint32Array.from(rows, ({ sentence }) => sentence),
    position: Uint32Array.from(rows, ({ position }) => position),
    text: rows.map(({ text }) => text),
    keys: ["misc.Quote"],
    column: () => quoted.map((is) => (is ? "Yes" : null)),
    fingerprint: "",
  };
  return {
    name: "example",
    rows: rows.length,
    columns,
    sites,
    table,
    async *blocks() {
      yield {
        firstRow: 0,
        rows: rows.length,
        values: async () => values,
        place: () => Promise.reject(new Error("no device")),
      };
    },
    provenance: async () => provenance,
  };
}
