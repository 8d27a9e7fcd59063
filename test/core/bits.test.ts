import { describe, expect, test } from "vitest";
import { packBits, turnBits } from "../../src/core/bits.js";

describe("turning rows of bits in a circle", () => {
  test("moves the last column to the front", () => {
    expect(turnBits(packBits([[true, false, false, true]]), 1)).toEqual(packBits([[true, true, false, false]]));
  });

  test.each([1, 2, 31, 32, 33, 64, 65, 97, 200])("moves every column of %i, by any number", (columns) => {
    const rows = [3, 7].map((step) => Array.from({ length: columns }, (_, i) => (i * i) % step === 1));
    for (const by of [0, 1, 5, 31, 32, 33, 64, columns - 1, columns, columns + 3, -2]) {
      const turned = rows.map((row) => row.map((_, i) => row[(((i - by) % columns) + columns) % columns]!));
      expect(turnBits(packBits(rows), by), `by ${by}`).toEqual(packBits(turned));
    }
  });

  test("leaves no rows and no columns alone", () => {
    expect(turnBits({ bits: new Uint32Array(), rows: 0, columns: 5 }, 3).bits.length).toBe(0);
    expect(turnBits({ bits: new Uint32Array(), rows: 2, columns: 0 }, 3).bits.length).toBe(0);
  });
});
