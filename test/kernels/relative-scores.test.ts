import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { attention } from "../../src/kernels/attention.js";
import { type RelativeScoresInput, relativeScores as run } from "../../src/kernels/relative-scores.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { relativeScores as reference } from "../reference/relative-scores.js";

// Weights are exponentials of float32 scores of a few units.
const rounding = { absolute: 4e-6 };

interface Shape {
  readonly lengths: readonly number[];
  readonly heads: number;
  readonly headWidth: number;
  readonly reach: number;
}

function packed({ lengths, heads, headWidth, reach }: Shape): RelativeScoresInput {
  const offsets = Uint32Array.of(0, ...lengths);
  lengths.forEach((_, s) => {
    offsets[s + 1]! += offsets[s]!;
  });
  const [tokens, width] = [offsets.at(-1)!, heads * headWidth];
  return {
    query: randomFloats(tokens * width, 1),
    key: randomFloats(tokens * width, 2),
    distances: randomFloats((2 * reach + 1) * width, 3),
    biases: randomFloats(4 * width, 4),
    types: randomIntegers(tokens, 3, 5),
    offsets,
    heads,
    headWidth,
  };
}

describe.each(devices)("relative scores on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  async function check(input: RelativeScoresInput): Promise<void> {
    const { weights, span } = await run(device, input);
    expectClose(weights, reference(input, span), rounding);
  }

  test("share out by e^score: a key one back counts for what its distance says", async () => {
    const input: RelativeScoresInput = {
      query: Float32Array.of(1, 1),
      key: Float32Array.of(0, 0),
      distances: Float32Array.of(Math.log(4), 0, Math.log(3)), // ahead, here, behind
      biases: new Float32Array(4),
      offsets: Uint32Array.of(0, 2),
      heads: 1,
      headWidth: 1,
    };
    expectClose((await run(device, input)).weights, [0.2, 0.8, 0.75, 0.25], rounding);
  });

  test("add what other types are worth", async () => {
    const input: RelativeScoresInput = {
      query: Float32Array.of(0, 0, 0),
      key: Float32Array.of(0, 0, 0),
      distances: new Float32Array(5),
      biases: Float32Array.of(0, 0, 1, Math.log(2)),
      types: Uint32Array.of(0, 0, 2),
      offsets: Uint32Array.of(0, 3),
      heads: 1,
      headWidth: 1,
    };
    const wanted = [0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.4, 0.4, 0.2];
    expectClose((await run(device, input)).weights, wanted, rounding);
  });

  test("are those of attention where nothing is relative", async () => {
    const { query, key, offsets, heads, headWidth, distances, biases } = packed({
      lengths: [20, 33],
      heads: 2,
      headWidth: 16,
      reach: 40,
    });
    const none = { distances: distances.fill(0), biases: biases.fill(0) };
    const { weights } = await run(device, { query, key, offsets, heads, headWidth, ...none });
    const plain = await attention(device, { query, key, value: key, offsets, heads, headWidth });
    expectClose(weights, plain.weights, rounding);
  });

  test.each([
    { lengths: [1, 2, 3, 5, 8, 13, 21], heads: 3, headWidth: 8, reach: 20 },
    { lengths: [15, 16, 17, 31, 32, 33], heads: 2, headWidth: 16, reach: 40 },
    { lengths: [64, 1, 65], heads: 2, headWidth: 33, reach: 64 },
    { lengths: [7, 0, 40], heads: 1, headWidth: 24, reach: 39 },
    { lengths: [130], heads: 2, headWidth: 64, reach: 200 },
    { lengths: [], heads: 2, headWidth: 4, reach: 1 },
  ])("match the definition for $lengths tokens, $heads heads of $headWidth, with types and without", async (shape) => {
    const { types, ...input } = packed(shape);
    await check(input);
    await check({ ...input, ...(types && { types }), scale: 0.3 });
  });

  test.each([0, 1, 5, 30])("take distances beyond a reach of %d for the farthest", async (reach) => {
    await check(packed({ lengths: [3, 40, 75], heads: 2, headWidth: 8, reach }));
  });

  test.each([
    [{ offsets: Uint32Array.of(0, 6) }, "Expected a row in 0 … 5 for offsets[1] but received 6"],
    [{ distances: new Float32Array(8) }, "Expected an odd number of rows of 4 for distances but received 8"],
    [{ biases: new Float32Array(15) }, "Expected 4 × 4 elements for biases but received 15"],
    [{ types: new Uint32Array(4) }, "for types but received 4"],
  ])("refuse %o", async (wrong, message) => {
    const input = packed({ lengths: [5], heads: 2, headWidth: 2, reach: 3 });
    await expect(run(device, { ...input, ...wrong })).rejects.toThrow(message);
  });
});
