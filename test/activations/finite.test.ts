import { describe, expect, it } from "vitest";
import { checkFinite } from "../../src/activations/finite.js";

const sites = [
  { name: "embed", width: 2, offset: 0 },
  { name: "final", width: 1, offset: 2 },
];

describe("numbers that are not finite", () => {
  it("are named by their row in the source and their neuron", () => {
    expect(() => checkFinite(Float32Array.of(1, 2, 3, 4, 5, Infinity), 100, sites)).toThrow(
      "Expected finite activations for row 101 of final:0 but received Infinity",
    );
    expect(() => checkFinite(Float32Array.of(3e38, -3e38, 0), 0, sites)).not.toThrow();
  });
});
