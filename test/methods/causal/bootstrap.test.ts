import { describe, expect, test } from "vitest";
import { normal, random } from "../../../src/core/random.js";
import { SentenceBootstrap } from "../../../src/methods/causal/bootstrap.js";
import { bootstrapInterval } from "../../reference/bootstrap.js";

describe("the bootstrap over sentences", () => {
  test("leaves no room where all sentences have the same mean", () => {
    const { low, high } = new SentenceBootstrap(Float64Array.of(1, 2, 3), 0).intervals(Float64Array.of(2, 4, 6));
    expect([...low, ...high]).toEqual([2, 2]);
  });

  test.each([1, 2, 3, 4, 5, 9])("is that of resamples drawn one by one, for %d rows", (rows) => {
    const uniform = random(rows);
    const counts = Float64Array.from({ length: 23 }, () => Math.floor(4 * uniform()));
    const sums = Float64Array.from({ length: rows * 23 }, (_, i) => counts[i % 23]! * (uniform() - 0.5));
    const { low, high } = new SentenceBootstrap(counts, 7).intervals(sums);
    for (let row = 0; row < rows; row++) {
      const expected = bootstrapInterval([...sums.subarray(23 * row, 23 * row + 23)], [...counts], 7);
      expect(low[row]).toBeCloseTo(expected[0], 12);
      expect(high[row]).toBeCloseTo(expected[1], 12);
    }
  });

  test("is about 1.96 standard errors to both sides for many independent sentences", () => {
    const draw = normal(random(3));
    const values = Float64Array.from({ length: 900 }, draw);
    const { low, high } = new SentenceBootstrap(new Float64Array(900).fill(1), 1).intervals(values);
    const mean = values.reduce((sum, value) => sum + value, 0) / 900;
    expect((high[0]! - mean) * 30).toBeCloseTo(1.96, 0);
    expect((mean - low[0]!) * 30).toBeCloseTo(1.96, 0);
  });

  test("holds the truth of 95 % of all corpora, or nearly so", () => {
    const draw = normal(random(11));
    const corpora = 400;
    let held = 0;
    for (let corpus = 0; corpus < corpora; corpus++) {
      const values = Float64Array.from({ length: 50 }, () => 0.3 + draw());
      const { low, high } = new SentenceBootstrap(new Float64Array(50).fill(1), corpus).intervals(values);
      if (low[0]! <= 0.3 && high[0]! >= 0.3) held++;
    }
    expect(held / corpora).toBeGreaterThan(0.9); // the percentile bootstrap is a little short at 50
    expect(held / corpora).toBeLessThan(0.98);
  });

  test("never draws sentences that count nothing", () => {
    const bootstrap = new SentenceBootstrap(Float64Array.of(0, 5, 0, 5), 2);
    const { low, high } = bootstrap.intervals(Float64Array.of(0, 5, 0, 10));
    expect(bootstrap.resampling?.sentences).toBe(2);
    expect([...low, ...high]).toEqual([1, 2]);
  });
});
