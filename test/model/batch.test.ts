import { describe, expect, it } from "vitest";
import { packSequences, packTimeMajor, rowsAt } from "../../src/model/batch.js";

const sequences = [[7, 8], [1, 2, 3], [9]].map((ids) => Uint32Array.from(ids));

describe("a packed batch", () => {
  it("lays sequence after sequence, without padding", () => {
    const batch = packSequences(sequences);
    expect([...batch.ids]).toEqual([7, 8, 1, 2, 3, 9]);
    expect([...batch.positions]).toEqual([0, 1, 0, 1, 2, 0]);
    expect([...batch.starts]).toEqual([0, 2, 5, 6]);
    expect([batch.tokens, batch.sequences, batch.longest]).toEqual([6, 3, 3]);
  });

  it("finds rows by sequence and position", () => {
    const batch = packSequences(sequences);
    expect(rowsAt(batch)).toEqual([[0, 6]]);
    expect(rowsAt(batch, 1)).toEqual([[2, 5]]);
    expect(rowsAt(batch, [1, 3])).toEqual([[2, 6]]);
    expect(rowsAt(batch, [0, 2], [1])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(rowsAt(batch, undefined, [0])).toEqual([
      [0, 1],
      [2, 3],
      [5, 6],
    ]);
    expect(rowsAt(batch, undefined, [1, 2, 2])).toEqual([
      [1, 2],
      [3, 5],
    ]);
    expect(rowsAt(batch, 1, [])).toEqual([]);
  });

  it("refuses sequences and positions that it does not have", () => {
    const batch = packSequences(sequences);
    expect(() => rowsAt(batch, 3)).toThrow("Expected a sequence of the batch, from 0 to 2 for sequence but received 3");
    expect(() => rowsAt(batch, [1, 4])).toThrow("from 0 to 2 for sequence but received [1, 4]");
    expect(() => rowsAt(batch, [1, 1])).toThrow("for sequence but received [1, 1]");
    expect(() => rowsAt(batch, 0, [2])).toThrow("Expected positions from 0 to 1 for positions but received 2");
    expect(() => rowsAt(batch, undefined, [3])).toThrow("Expected positions from 0 to 2 for positions");
    expect(() => rowsAt(batch, 0, [-1])).toThrow("for positions but received -1");
  });
});

describe("a time-major batch", () => {
  it("lays time step after time step, longest sequence first", () => {
    const batch = packTimeMajor(sequences);
    expect([...batch.ids]).toEqual([1, 7, 9, 2, 8, 3]);
    expect([...batch.positions]).toEqual([0, 0, 0, 1, 1, 2]);
    expect(batch.steps).toEqual([
      [0, 3],
      [3, 5],
      [5, 6],
    ]);
    expect([...batch.rowOfToken!]).toEqual([1, 4, 0, 3, 5, 2]);
    expect([...batch.ranks]).toEqual([1, 0, 2]);
  });

  it("keeps the order of equally long sequences", () => {
    const equal = [[1], [2], [3]].map((ids) => Uint32Array.from(ids));
    expect([...packTimeMajor(equal).ids]).toEqual([1, 2, 3]);
  });

  it("finds rows by sequence and position where they lie by time step", () => {
    const batch = packTimeMajor(sequences);
    expect(rowsAt(batch, [0, 2])).toEqual([
      [0, 2],
      [3, 6],
    ]);
    expect(rowsAt(batch, 1)).toEqual([
      [0, 1],
      [3, 4],
      [5, 6],
    ]);
    expect(rowsAt(batch, 0, [1])).toEqual([[4, 5]]);
  });
});
