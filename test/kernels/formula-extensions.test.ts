import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packBits } from "../../src/core/bits.js";
import { random } from "../../src/core/random.js";
import type { Device } from "../../src/device/device.js";
import { type ChainFormula, formulaExtensions } from "../../src/kernels/formula-extensions.js";
import { devices } from "../devices.js";
import { randomRows } from "../random.js";
import { type Chain, countBoth, holds, formulaExtensions as reference } from "../reference/formula-extensions.js";

const [OR, AND, NOT] = [0, 1, 2];

/** A chain with its counts, as the kernel is given it. */
function formulaOf(chain: Chain, mask: readonly boolean[], concepts: readonly boolean[][]): ChainFormula {
  const rows = holds(chain, concepts);
  return { chain, both: countBoth(rows, mask).both, size: rows.filter((on) => on).length };
}

/** Random chains that share rows with each mask. */
function randomChains(masks: readonly boolean[][], concepts: readonly boolean[][], most: number, seed: number) {
  const next = random(seed);
  return masks.map((mask, i) => {
    const chains = Array.from({ length: (i * 7) % (most + 1) }, () =>
      Array.from({ length: 1 + Math.floor(next() * 4) }, (_, link) => {
        return Math.floor(next() * concepts.length) * 4 + (link === 0 ? 0 : Math.floor(next() * 3));
      }),
    );
    return chains.map((chain) => formulaOf(chain, mask, concepts)).filter(({ both }) => both > 0);
  });
}

describe.each(devices)("formula-extensions on %s", (name, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  async function expectReference(masks: boolean[][], concepts: boolean[][], most: number, beam: number, seed: number) {
    const formulas = randomChains(masks, concepts, most, seed);
    const got = await formulaExtensions(device, packBits(masks), packBits(concepts), formulas, beam);
    const chains = formulas.map((own) => own.map(({ chain }) => chain));
    expect(got).toEqual(masks.map((mask, i) => reference(mask, concepts, chains[i]!, beam)));
  }

  test("joins the two halves of a mask, and takes away what is too much", async () => {
    const mask = [true, true, true, true, false, false];
    const concepts = [
      [true, true, false, false, false, false],
      [false, false, true, true, false, false],
      [true, true, true, true, true, false],
      [true, false, false, false, true, false],
    ];
    const formulas = [0, 2].map((concept) => formulaOf([concept * 4], mask, concepts));
    const [best] = await formulaExtensions(device, packBits([mask]), packBits(concepts), [formulas], 3);
    expect(best).toEqual([
      { slot: 0, operator: OR, concept: 1, both: 4, size: 4 },
      { slot: 0, operator: OR, concept: 2, both: 4, size: 5 },
      { slot: 1, operator: OR, concept: 0, both: 4, size: 5 },
    ]);
  });

  test("breaks ties by slot, then concept, then operator", async () => {
    const concepts = [[true], [true]];
    const formulas = [0, 1].map((concept) => formulaOf([concept * 4], [true], concepts));
    const [got] = await formulaExtensions(device, packBits([[true]]), packBits(concepts), [formulas], 10);
    const codes = got!.map(({ slot, concept, operator }) => [slot, concept, operator]);
    expect(codes).toEqual([0, 1].flatMap((slot) => [0, 1].flatMap((c) => [OR, AND].map((o) => [slot, c, o]))));
  });

  test("leaves out concepts that share no row with the mask", async () => {
    const mask = [true, false, false];
    const concepts = [
      [true, true, true],
      [false, true, false],
    ];
    const formulas = [[formulaOf([0], mask, concepts)]];
    const [got] = await formulaExtensions(device, packBits([mask]), packBits(concepts), formulas, 9);
    expect(got!.map(({ concept }) => concept)).not.toContain(1);
    expect(got!.map(({ operator }) => operator)).not.toContain(NOT);
  });

  test.each([
    [1, 1, 1, 1, 1],
    [2, 3, 31, 3, 2],
    [3, 7, 32, 10, 5],
    [5, 11, 33, 13, 7],
    [2, 29, 127, 11, 10],
    [3, 31, 1021, 4, 10],
    [2, 263, 97, 3, 11],
    [4, 9, 97, 21, 23],
  ])("matches the definition for %i masks, %i concepts, %i rows, %i formulas, beam %i", async (...sizes) => {
    const [count, concepts, rows, most, beam] = sizes;
    const masks = randomRows(count, rows, 0.3, rows);
    await expectReference(masks, randomRows(concepts, rows, 0.2, beam), Math.min(most, beam), beam, concepts);
  });

  test("matches the definition with sparse concepts, whose bounds leave most of them uncounted", async () => {
    const rows = 700;
    const concepts = [...randomRows(6, rows, 0.3, 1), ...randomRows(60, rows, 0.01, 2)];
    const masks = [concepts[0]!.map((on, row) => on || concepts[9]![row]!), ...randomRows(1, rows, 0.02, 3)];
    await expectReference(masks, concepts, 8, 8, 4);
  });

  test("is exact on more than 64 neurons", async () => {
    const masks = randomRows(name === "native" ? 300 : 67, 41, 0.4, 1);
    await expectReference(masks, randomRows(7, 41, 0.3, 2), 3, 3, 5);
  });

  test("finds nothing for an empty mask, and without formulas, concepts or masks", async () => {
    const concepts = packBits([[true, false]]);
    expect(await formulaExtensions(device, packBits([[false, false]]), concepts, [[]], 4)).toEqual([[]]);
    const without = { bits: new Uint32Array(), rows: 0, columns: 2 };
    expect(await formulaExtensions(device, packBits([[true, false]]), without, [[]], 4)).toEqual([[]]);
    expect(await formulaExtensions(device, without, concepts, [], 4)).toEqual([]);
  });

  test("cuts neurons where their counts exceed a binding", async () => {
    await using small = await open({ limits: { bindingBytes: 4096, groupsPerDimension: 7 } });
    const masks = randomRows(90, 64, 0.5, 1);
    const concepts = randomRows(23, 64, 0.3, 2);
    const formulas = masks.map((mask) => [formulaOf([4], mask, concepts)]);
    const got = await formulaExtensions(small, packBits(masks), packBits(concepts), formulas, 2);
    expect(got).toEqual(masks.map((mask) => reference(mask, concepts, [[4]], 2)));
  });

  test("refuses more formulas than the beam, and chains of concepts that are not there", async () => {
    const [masks, concepts] = [packBits([[true]]), packBits([[true]])];
    const formula = { chain: [0], both: 1, size: 1 };
    await expect(formulaExtensions(device, masks, concepts, [[formula, formula]], 1)).rejects.toThrow(
      "Expected at most 1 (the beam) a mask for formulas but received 2",
    );
    await expect(formulaExtensions(device, masks, concepts, [[{ ...formula, chain: [4] }]], 1)).rejects.toThrow(
      "Expected concepts below 1 and operators below 3 for chain but received 4",
    );
    await expect(formulaExtensions(device, masks, concepts, [[]], 0)).rejects.toThrow(
      "Expected a positive integer for beam but received 0",
    );
  });
});
