import { describe, expect, test } from "vitest";
import { controlLines } from "../../src/cli/control-lines.js";
import { expertsExample, rankingExample } from "../reports/examples.js";

describe("the lines of basis controls", () => {
  test("show the best site of every value, and name the values that have too few rows", () => {
    expect(controlLines(expertsExample())).toEqual([
      "  on held-out sentences                   neuron  rotation direction    chance",
      "  NOUN: layers.0.mlp.hidden:4            0.50000   0.60000   0.90000   0.10000",
      "  VERB: layers.1.mlp.hidden:4            0.80000   0.30000   0.90000   0.10000",
      "  too few rows to hold some out: <script>alert(1)</script>",
    ]);
  });

  test("say so where no value has enough rows, and are none without controls", () => {
    const none: ReturnType<typeof expertsExample> = { ...expertsExample(), controls: [] };
    expect(controlLines(none)).toEqual(["  too few rows to hold some out"]);
    expect(controlLines(rankingExample())).toEqual([]);
  });
});
