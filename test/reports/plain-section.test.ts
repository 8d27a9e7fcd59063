import { expect, test } from "vitest";
import { Numbering } from "../../src/reports/numbering.js";
import { plainSection } from "../../src/reports/plain-section.js";
import { rankingExample } from "./examples.js";

const cells = (markup: string) => [...markup.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map((match) => match[1]);

test("single values are one table, and a list of records is one of its own", () => {
  const groups = [
    { name: "npi", accuracy: 0.25, right: 1 },
    { name: "<b>", accuracy: 1, right: 4 },
  ];
  const { provenance } = rankingExample();
  const result = { kind: "evaluation", method: "minimal-pairs", values: { accuracy: 0.625, groups, of: [1, 2] }, options: {}, provenance }; // biome-ignore format: one line
  const [values, list] = String(plainSection(result, new Numbering())).split("<b>Table 2.</b> Groups.");
  expect(cells(values!)).toEqual(["accuracy", "0.6250", "of", "[1,2]"]);
  expect(cells(list!)).toEqual(["npi", "0.2500", "1", "&#60;b&#62;", "1", "4"]);
});
