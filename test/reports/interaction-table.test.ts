import { expect, test } from "vitest";
import { interactionLines } from "../../src/cli/interaction-lines.js";
import { interactionTables } from "../../src/reports/interaction-table.js";
import { Numbering } from "../../src/reports/numbering.js";
import { rankingExample } from "./examples.js";

const ranking = rankingExample();
const effects = Float64Array.of(0, 0.25, -2, 0.25, 0, 0.125, -2, 0.125, 0);
const intervals = { level: 0.95, resamples: 1000, sentences: 4, low: effects.map((x) => x - 0.5), high: effects };
const interactions = { order: Uint32Array.of(5, 0, 3), effects, intervals, operations: { sweep: 0, wholePasses: 0 } };

test("the report shows the strongest pairs first, and each unit with each", () => {
  const text = String(interactionTables(ranking, interactions, new Numbering()));
  const [strongest, matrix] = text.split("<b>Table 2.</b>");
  const cells = (part: string) => [...part.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map((match) => match[1]!.replaceAll(/<\/?code>/g, "")); // biome-ignore format: one line
  expect(cells(strongest!).filter((_, i) => i % 4 === 2)).toEqual(["−2", "0.2500", "0.1250"]);
  expect(cells(strongest!)[3]).toBe("−2.500 to −2");
  expect(cells(matrix!).filter((_, i) => i % 5 > 1)).toEqual(["0", "0.2500", "−2", "0.2500", "0", "0.1250", "−2", "0.1250", "0"]); // biome-ignore format: one line
});

test("a terminal shows them in lines", () => {
  const lines = interactionLines({ ...ranking, interactions });
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(/× .* -2\.0000 {2}-2\.5000 to -2\.0000$/);
  expect(interactionLines(ranking)).toEqual([]);
});
