import { describe, expect, it } from "vitest";
import { NO_ROW } from "../../src/kernels/gather-rows.js";
import { rowsAt } from "../../src/model/batch.js";
import { packCopies } from "../../src/model/copies.js";

const texts = [
  [7, 8],
  [1, 2, 3],
].map((ids) => Uint32Array.from(ids));
const twice = [...texts, ...texts];

describe("copies of texts", () => {
  it("have rows of their own from the beginning, longest text first", () => {
    const batch = packCopies(twice, 2, { forks: [0, 0, 0, 0], ends: [2, 3] });
    expect([...batch.ids]).toEqual([1, 1, 7, 7, 2, 2, 8, 8, 3, 3]);
    expect([...batch.positions]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
    expect([...batch.rowOfToken!]).toEqual([2, 6, 0, 4, 8, 3, 7, 1, 5, 9]);
    expect(batch.steps).toEqual([
      [0, 4],
      [4, 8],
      [8, 10],
    ]);
    expect([batch.rows, batch.tokens, batch.parents]).toEqual([10, 10, null]);
  });

  it("share a row where none has parted, also when one never does", () => {
    const batch = packCopies(twice, 2, { forks: [0, 3, 2, 3], ends: [2, 3] });
    expect([...batch.ids]).toEqual([1, 7, 7, 2, 8, 8, 3]);
    expect([...batch.rowOfToken!]).toEqual([1, 4, 0, 3, 6, 2, 5, 0, 3, 6]);
    expect(batch.parents).toBeNull();
  });

  it("go on from the row that they shared when they part", () => {
    const batch = packCopies(twice, 2, { forks: [2, 1, 1, 2], ends: [2, 3] });
    expect([...batch.ids]).toEqual([1, 7, 2, 2, 8, 8, 3, 3]);
    expect([...batch.parents!]).toEqual([0, 1, 0, 0, 1, 1, 0, 1]);
    expect([...batch.rowOfToken!]).toEqual([1, 5, 0, 2, 6, 1, 4, 0, 3, 7]);
    expect(rowsAt(batch, 1, [1, 2])).toEqual([
      [2, 3],
      [6, 7],
    ]);
  });

  it("have no rows behind the last token that is needed", () => {
    const batch = packCopies(twice, 2, { forks: [0, 0, 0, 0], ends: [2, 1] });
    expect([...batch.ids]).toEqual([7, 7, 1, 1, 8, 8]);
    expect([...batch.rowOfToken!]).toEqual([0, 4, 2, NO_ROW, NO_ROW, 1, 5, 3, NO_ROW, NO_ROW]);
    expect(rowsAt(batch, 1)).toEqual([[2, 3]]);
  });
});
