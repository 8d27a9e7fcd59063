import { describe, expect, it } from "vitest";
import { cutByRows, restingPlaces, restoreResting } from "../../../src/methods/causal/resting-copies.js";
import type { Model } from "../../../src/model/model.js";

const decoder: Pick<Model, "head"> = { head: { kind: "causal", labels: [] } };
const encoder: Pick<Model, "head"> = { head: { kind: "masked", labels: [] } };

/** Passages of 3 and 2 tokens. */
const batch = { tokens: 5, passages: [{ ids: new Uint32Array(3) }, { ids: new Uint32Array(2) }] };
const changed = Uint8Array.from(
  [
    [0, 1, 0, 0, 0], // 2 rows of a decoder, 3 of an encoder
    [0, 0, 0, 0, 0],
    [1, 1, 1, 1, 1],
    [0, 0, 1, 0, 1], // 2 rows, 5
    [0, 0, 0, 1, 0], // 2 rows, 2
  ].flat(),
);

describe("ablations that change nothing of some passages", () => {
  it("are in no batch", () => {
    expect([...restingPlaces(changed, 5)]).toEqual([1]);
    const cuts = [...cutByRows(decoder, batch, changed, 9)];
    expect(cuts.map(({ places }) => [...places])).toEqual([[0, 2, 3, 4]]);
    expect([...cuts[0]!.changed!]).toEqual([...changed.subarray(0, 5), ...changed.subarray(10)]);
  });

  it("leave their rows to others: what a copy shares with its text takes no room", () => {
    const placesOf = (model: Pick<Model, "head">, copies: number) =>
      [...cutByRows(model, batch, changed, copies)].map(({ places }) => [...places]);
    expect(placesOf(decoder, 3)).toEqual([[0, 2, 3], [4]]); // room for two copies beside the texts' own rows
    expect(placesOf(encoder, 3)).toEqual([
      [0, 2],
      [3, 4],
    ]);
    expect(placesOf(decoder, 1)).toEqual([[0], [2], [3, 4]]);
  });

  it("are of a number that the host can keep up with, however few rows they have", () => {
    const one = new Uint8Array(5 * 20);
    for (let place = 0; place < 20; place++) one[5 * place + 4] = 1;
    expect([...cutByRows(decoder, batch, one, 2)].map(({ places }) => places.length)).toEqual([5, 5, 5, 5]);
    expect([...cutByRows(decoder, batch, one, 3)].map(({ places }) => places.length)).toEqual([10, 10]);
  });

  it("have the untouched model's sums of these passages, bit by bit", () => {
    const measured = { sums: Float64Array.of(1, 2, 3, 4, 5, 6), others: null, operations: 0, ofTexts: 0 };
    const cut = { places: Uint32Array.of(0, 2, 4), changed: Uint8Array.from([...changed.subarray(0, 5), ...changed.subarray(10, 15), ...changed.subarray(20)]) }; // biome-ignore format: one line
    restoreResting(measured, cut, batch, { sums: Float64Array.of(0.1, 0.2), others: null, operations: 0, ofTexts: 0 });
    expect([...measured.sums]).toEqual([1, 0.2, 3, 4, 0.1, 6]);
  });

  it("have all numbers of a metric that is made of several", () => {
    const measured = { sums: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8), others: null, operations: 0, ofTexts: 0 };
    const cut = { places: Uint32Array.of(0, 3), changed: Uint8Array.from([...changed.subarray(0, 5), ...changed.subarray(20)]) }; // biome-ignore format: one line
    restoreResting(measured, cut, batch, {
      sums: Float64Array.of(0.1, 0.2, 0.3, 0.4),
      others: null,
      operations: 0,
      ofTexts: 0,
    });
    expect([...measured.sums]).toEqual([1, 0.2, 3, 0.4, 0.1, 6, 0.3, 8]);
  });
});
