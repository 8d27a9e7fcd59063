import { expect, test } from "vitest";
import { beyondNoise } from "../../../src/methods/causal/beyond-noise.js";

const how = { level: 0.95, resamples: 1000, sentences: 9 };
const low = Float64Array.of(0.1, 0, -1, -2, 0.2, -3, -1, -1);
const high = Float64Array.of(0.3, 1, -0.5, 0, 0.4, 3, 1, 1);

test("counts the intervals that leave out 0, not those that end there", () => {
  expect(beyondNoise("loss", { ...how, low, high })).toEqual({
    above: 2,
    below: 1,
    chance: expect.closeTo(0.2),
    units: 8,
  });
});

test("has nothing to say of metrics that are above 0 for any change", () => {
  expect(beyondNoise("kl", { ...how, low, high })).toBeNull();
  expect(beyondNoise("representation", { ...how, low, high })).toBeNull();
});
