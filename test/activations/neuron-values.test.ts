import { describe, expect, it } from "vitest";
import { deviationOf, meanOf, quantileOf, rowsOf } from "../../src/activations/neuron-values.js";
import { arraySource } from "../array-source.js";
import { randomFloats } from "../floats.js";

const rows = [1, 10, 3, 10, 8, 10, 4, 10].map(Number);
const source = arraySource(Float32Array.from(rows), 2, { blockRows: 3 });

describe("values of every neuron of a source", () => {
  it("are its mean, deviation and quantiles", async () => {
    expect([...(await meanOf(source)).values]).toEqual([4, 10]);
    expect([...(await deviationOf(source)).values]).toEqual([Math.fround(Math.sqrt(6.5)), 0]);
    expect([...(await quantileOf(source, 0)).values]).toEqual([1, 10]);
    expect([...(await quantileOf(source, 0.5)).values]).toEqual([3.5, 10]);
    expect([...(await quantileOf(source, 0.9)).values]).toEqual([Math.fround(6.8), 10]);
    expect((await meanOf(Promise.resolve(source))).sites).toEqual(source.sites);
  });

  it("are all rows, where they are drawn from", async () => {
    expect([...(await rowsOf(source)).values]).toEqual(rows);
  });

  it("keep their digits far from 0", async () => {
    const far = arraySource(
      randomFloats(3000, 1).map((value) => 4096 + value),
      1,
    );
    const near = arraySource(
      (await rowsOf(far)).values.map((value) => value - 4096),
      1,
    );
    const [a, b] = [(await deviationOf(far)).values[0]!, (await deviationOf(near)).values[0]!];
    expect(a).toBeCloseTo(b, 6);
  });

  it("are refused for a share that is none, and a source without rows", async () => {
    await expect(quantileOf(source, 50)).rejects.toThrow("Expected a number from 0 to 1 for share but received 50");
    await expect(meanOf(arraySource(new Float32Array(0), 2))).rejects.toThrow("Expected at least one row for source");
  });
});
