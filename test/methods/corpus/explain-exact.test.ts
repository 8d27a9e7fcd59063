import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { explain } from "../../../src/methods/corpus/explain.js";
import { formulaText } from "../../../src/methods/corpus/formula.js";
import { arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { randomRows } from "../../random.js";
import { type Chain, countBoth, holds } from "../../reference/formula-extensions.js";
import { activationsOf, keys, names, tableOf } from "./formula-source.js";

/** The best chain of at most `length` links, of all that there are; ties go to the shorter, then to the earlier one. */
function bestOfAll(mask: readonly boolean[], concepts: readonly boolean[][], length: number, penalty: number) {
  let best: { chain: Chain; score: number } = { chain: [], score: 0 };
  let chains: Chain[] = concepts.map((_, concept) => [concept * 4]);
  for (let leaves = 1; leaves <= length; leaves++) {
    for (const chain of chains) {
      const { both, either } = countBoth(holds(chain, concepts), mask);
      const score = (both / either) * penalty ** (leaves - 1);
      if (score > best.score) best = { chain, score };
    }
    chains = chains.flatMap((chain) => concepts.flatMap((_, c) => [0, 1, 2].map((o) => [...chain, c * 4 + o])));
  }
  return best;
}

describe.each(devices)("explain, exactly, on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test.each([
    [4, 5, 61, 3, 1],
    [3, 4, 127, 4, 1],
    [3, 6, 97, 3, 0.9],
    [2, 5, 61, 1, 1],
    [3, 6, 64, 2, 1],
    [2, 5, 89, 4, 0.97],
    [3, 3, 31, 5, 1],
  ])("proves the best of all formulas: %i neurons, %i concepts, %i rows, length %i, penalty %d", async (...sizes) => {
    const [count, many, rows, length, penalty] = sizes;
    const concepts = randomRows(many, rows, 0.3, many + rows);
    const masks = randomRows(count, rows, 0.4, length);
    const source = arraySource(activationsOf(masks, 7), count, { table: tableOf(concepts) });
    const options = { concepts: keys(many), beam: 1, length, penalty, device };
    const { neurons } = await explain(source, { ...options, exact: true });
    const beam = await explain(source, options);
    for (const [i, { formula, score, exact }] of neurons.entries()) {
      const best = bestOfAll(masks[i]!, concepts, length, penalty);
      expect(score).toBeCloseTo(best.score, 14);
      expect(formula).toBe(formulaText(best.chain, names(many)));
      expect(exact).toMatchObject({ beam: beam.neurons[i]!.formula, beamScore: beam.neurons[i]!.score });
      expect(exact!.gap).toBe(score - exact!.beamScore);
      expect(exact!.gap).toBeGreaterThanOrEqual(0);
    }
    if (length === 3 || length === 4) expect(neurons.some(({ exact }) => exact!.gap > 0)).toBe(true);
  });
});
