import { describe, expect, it } from "vitest";
import { NO_ROW } from "../../src/kernels/gather-rows.js";
import { rowsAt } from "../../src/model/batch.js";
import { keyRanges, packShared, runsOfRows } from "../../src/model/shared-rows.js";

const texts = [
  [7, 8],
  [1, 2, 3],
].map((ids) => Uint32Array.from(ids));
const twice = [...texts, ...texts];
const own = (...values: number[]) => Uint8Array.from(values);

describe("rows of copies", () => {
  it("are a token each where all differ from the first one on", () => {
    const batch = packShared(twice, 2, { own: own(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), ends: [2, 3] });
    expect([batch.rows, batch.rowOfToken, [...batch.commonStarts]]).toEqual([10, null, [0]]);
    expect([...runsOfRows(batch).starts]).toEqual([0, 2, 5, 7, 10]);
  });

  it("are the texts' up to where a copy parts, and then its own", () => {
    const batch = packShared(twice, 2, { own: own(0, 0, 0, 1, 1, 0, 1, 0, 0, 1), ends: [2, 3] });
    expect([...batch.ids]).toEqual([7, 8, 1, 2, 2, 3, 8, 3]);
    expect([...batch.positions]).toEqual([0, 1, 0, 1, 1, 2, 1, 2]);
    expect([...batch.rowOfToken!]).toEqual([0, 1, 2, 4, 5, 0, 6, 2, 3, 7]);
    expect([...runsOfRows(batch).starts]).toEqual([0, 2, 4, 4, 6, 7, 8]);
    expect([...runsOfRows(batch).sequences]).toEqual([0, 1, 0, 1, 2, 3]);
  });

  it("have keys in the rows of the text before they part, and in their own", () => {
    const batch = packShared(twice, 2, { own: own(0, 0, 0, 1, 1, 0, 1, 0, 0, 1), ends: [2, 3] });
    const ranges = keyRanges(batch);
    const keysOf = Array.from({ length: 6 }, (_, run) => [...ranges.subarray(4 * run, 4 * run + 4)]);
    expect(keysOf).toEqual([[0, 0, 0, 2], [0, 0, 2, 4], [0, 0, 4, 4], [2, 3, 4, 6], [0, 1, 6, 7], [2, 4, 7, 8]]); // biome-ignore format: one line
  });

  it("are of single tokens where others do not see them", () => {
    const batch = packShared(twice, 2, { own: own(1, 0, 0, 0, 0, 1, 1, 0, 1, 0), ends: [2, 3] });
    expect([...batch.rowOfToken!]).toEqual([4, 0, 1, 2, 3, 5, 6, 1, 7, 3]);
    expect([...batch.ids]).toEqual([8, 1, 2, 3, 7, 7, 8, 2]);
  });

  it("are none behind the last token that is needed", () => {
    const batch = packShared(twice, 2, { own: own(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), ends: [1, 2] });
    expect([...batch.ids]).toEqual([7, 1, 2, 7, 1, 2]);
    expect([...batch.rowOfToken!]).toEqual([0, NO_ROW, 1, 2, NO_ROW, 3, NO_ROW, 4, 5, NO_ROW]);
  });

  it("that copies share are meant by no intervention", () => {
    const batch = packShared(twice, 2, { own: own(0, 0, 0, 1, 1, 0, 1, 0, 0, 1), ends: [2, 3] });
    expect(rowsAt(batch)).toEqual([[4, 8]]);
    expect(rowsAt(batch, 0)).toEqual([]);
    expect(rowsAt(batch, [1, 3])).toEqual([[4, 7]]);
    expect(rowsAt(batch, 3, [0, 2])).toEqual([[7, 8]]);
  });
});
