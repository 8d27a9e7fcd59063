import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { type AttentionInput, attention as run } from "../../src/kernels/attention.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats } from "../floats.js";
import { attention as reference } from "../reference/attention.js";

// Weights are exponentials of float32 scores of a few units; values are of one.
const rounding = { absolute: 4e-6 };

interface Shape {
  readonly lengths: readonly number[];
  readonly heads: number;
  readonly keyHeads?: number;
  readonly headWidth: number;
}

/** Random queries, keys and values of sequences that lie one behind the other. */
function packed({ lengths, heads, keyHeads = heads, headWidth }: Shape): AttentionInput {
  const offsets = Uint32Array.of(0, ...lengths);
  lengths.forEach((_, s) => {
    offsets[s + 1]! += offsets[s]!;
  });
  const tokens = offsets.at(-1)!;
  return {
    query: randomFloats(tokens * heads * headWidth, 1),
    key: randomFloats(tokens * keyHeads * headWidth, 2),
    value: randomFloats(tokens * keyHeads * headWidth, 3),
    offsets,
    heads,
    keyHeads,
    headWidth,
  };
}

describe.each(devices)("attention on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  async function check(input: AttentionInput): Promise<void> {
    const { out, weights, span } = await run(device, input);
    const truth = reference(input, span);
    expectClose(weights, truth.weights, rounding);
    expectClose(out, truth.out, rounding);
  }

  test("of one token is its value", async () => {
    const input = packed({ lengths: [1], heads: 1, headWidth: 4 });
    const { out, weights } = await run(device, input);
    expect([...weights]).toEqual([1]);
    expectClose(out, input.value, rounding);
  });

  test("shares out by e^score", async () => {
    const input: AttentionInput = {
      query: Float32Array.of(1, 0),
      key: Float32Array.of(0, Math.log(3)),
      value: Float32Array.of(4, 8),
      offsets: Uint32Array.of(0, 2),
      heads: 1,
      headWidth: 1,
    };
    const { out, weights } = await run(device, input);
    expectClose(weights, [0.25, 0.75, 0.5, 0.5], rounding);
    expectClose(out, [7, 6], rounding);
  });

  test("never looks ahead when causal", async () => {
    const { weights } = await run(device, { ...packed({ lengths: [3], heads: 1, headWidth: 2 }), mask: "causal" });
    expect([weights[0], weights[1], weights[2], weights[5]]).toEqual([1, 0, 0, 0]);
  });

  test.each([
    { lengths: [1, 2, 3, 5, 8, 13, 21], heads: 3, headWidth: 8 },
    { lengths: [15, 16, 17, 31, 32, 33], heads: 2, headWidth: 16 },
    { lengths: [64, 1, 65], heads: 2, headWidth: 33 },
    { lengths: [7, 0, 40], heads: 4, keyHeads: 2, headWidth: 24 },
    { lengths: [130], heads: 3, keyHeads: 1, headWidth: 64 },
    { lengths: [9, 35], heads: 1, headWidth: 256 },
    { lengths: [4, 41], heads: 2, keyHeads: 1, headWidth: 300 },
    { lengths: [18, 35], heads: 1, headWidth: 500 },
    { lengths: [], heads: 2, headWidth: 4 },
  ])("matches the definition for $lengths tokens, $heads heads of $headWidth, full and causal", async (shape) => {
    await check(packed(shape));
    await check({ ...packed(shape), mask: "causal" });
  });

  test.each(["full", "causal"] as const)("sees only a window of keys, %s", async (mask) => {
    await check({ ...packed({ lengths: [5, 33, 70], heads: 2, headWidth: 8 }), mask, window: 7 });
  });

  test("caps scores and adds a bias by distance", async () => {
    const input = packed({ lengths: [3, 40], heads: 3, headWidth: 8 });
    await check({ ...input, cap: 1.5, scale: 2, bias: randomFloats(3 * 11, 4) });
    await check({ ...input, bias: randomFloats(3 * 101, 5), mask: "causal" });
  });

  test("reads keys of a shared prefix, of other rows, and of none", async () => {
    const { query, key, value, ...rest } = packed({ lengths: [3, 40, 1, 2], heads: 2, headWidth: 8 });
    // Keys have 60 rows: rows 0 … 9 are a prefix of the first two sequences.
    const ranges = Uint32Array.of(0, 10, 10, 13, 0, 10, 13, 60, 0, 0, 7, 55, 5, 5, 20, 20);
    const longer = (data: Float32Array) => Float32Array.of(...data, ...randomFloats(14 * 16, 6));
    const input = { ...rest, query, key: longer(key), value: longer(value), ranges };
    await check(input);
    await check({ ...input, mask: "causal" });
    await check({ ...input, mask: "causal", window: 11 });
  });

  test.each([1, 8, 33, 64, 200, 300, 500])(
    "takes single queries, each with keys of its own, in heads of %i",
    async (headWidth) => {
      const lengths = [1, 1, 1, 1];
      const { query, ...rest } = packed({ lengths, heads: 4, keyHeads: 2, headWidth });
      const ranges = Uint32Array.of(0, 0, 0, 1, 0, 0, 1, 30, 0, 0, 30, 113, 0, 5, 7, 40);
      const [key, value] = [randomFloats(113 * 2 * headWidth, 7), randomFloats(113 * 2 * headWidth, 8)];
      const input = { ...rest, query, key, value, ranges };
      await check({ ...input, mask: "causal" });
      await check({ ...input, mask: "causal", window: 21 });
      await check({ ...input, cap: 1.5, scale: 2, bias: randomFloats(4 * 11, 4) });
    },
  );

  test("gives zeros to a query that sees no key", async () => {
    const ranges = Uint32Array.of(0, 0, 0, 1);
    const input: AttentionInput = {
      query: Float32Array.of(1, 1),
      key: Float32Array.of(1),
      value: Float32Array.of(5),
      offsets: Uint32Array.of(0, 2),
      ranges,
      heads: 1,
      headWidth: 1,
      mask: "causal",
    };
    const { out, weights } = await run(device, input);
    expect([...out]).toEqual([0, 5]);
    expect([...weights]).toEqual([0, 1]);
  });

  test("of a sequence is the same alone and in a batch", async () => {
    const batch = packed({ lengths: [9, 23, 40], heads: 2, headWidth: 16 });
    const alone = (data: Float32Array) => data.slice(9 * 32, 32 * 32);
    const { query, key, value } = batch;
    const one = { query: alone(query), key: alone(key), value: alone(value), offsets: Uint32Array.of(0, 23) };
    const [together, single] = [await run(device, batch), await run(device, { ...batch, ...one })];
    expect(alone(together.out)).toEqual(single.out);
  });

  test.each([
    [{ keyHeads: 2 }, "Expected a divisor of 3 heads for keyHeads but received 2"],
    [{ offsets: Uint32Array.of(0, 4, 3) }, "Expected a row in 4 … 5 for offsets[2] but received 3"],
    [{ offsets: Uint32Array.of(0, 6) }, "Expected a row in 0 … 5 for offsets[1] but received 6"],
    [{ key: new Float32Array(13) }, "Expected 2 × 6 elements for key but received 13"],
  ])("refuses %o", async (wrong, message) => {
    const input = packed({ lengths: [5], heads: 3, headWidth: 2 });
    await expect(run(device, { ...input, offsets: Uint32Array.of(0, 2), ...wrong })).rejects.toThrow(message);
  });
});
