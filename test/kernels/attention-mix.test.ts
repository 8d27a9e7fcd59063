import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { attention } from "../../src/kernels/attention.js";
import { type AttentionMixInput, attentionMix as run } from "../../src/kernels/attention-mix.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats } from "../floats.js";
import { attentionMix as reference } from "../reference/attention-mix.js";

describe.each(devices)("attention mix on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("mixes values by weights that need not sum to 1", async () => {
    const input = {
      weights: Float32Array.of(2, 0, 0.5, 0.5),
      span: 2,
      value: Float32Array.of(1, 10, 3, 30),
      offsets: Uint32Array.of(0, 2),
      heads: 1,
      headWidth: 2,
    };
    expect([...(await run(device, input))]).toEqual([2, 20, 2, 20]);
  });

  test("matches the definition with shared key heads, prefixes and sequences of all lengths", async () => {
    const input: AttentionMixInput = {
      weights: randomFloats(70 * 4 * 66, 1),
      span: 66,
      value: randomFloats(80 * 2 * 35, 2),
      offsets: Uint32Array.of(0, 3, 3, 70),
      ranges: Uint32Array.of(0, 5, 5, 8, 0, 0, 0, 0, 0, 5, 19, 80),
      heads: 4,
      keyHeads: 2,
      headWidth: 35,
    };
    // Sums of up to 66 products of one.
    expectClose(await run(device, input), reference(input), { absolute: 1e-5 });
  });

  test("of attention's own weights is attention", async () => {
    const random = (seed: number) => randomFloats(33 * 3 * 16, seed);
    const sizes = { offsets: Uint32Array.of(0, 12, 33), heads: 3, headWidth: 16 };
    const value = random(3);
    const { out, weights, span } = await attention(device, { query: random(1), key: random(2), value, ...sizes });
    expectClose(await run(device, { weights, span, value, ...sizes }), out, { absolute: 2e-6 });
  });

  test("refuses a span that is shorter than a sequence", async () => {
    const input = { weights: new Float32Array(4), span: 2, value: new Float32Array(3), heads: 1, headWidth: 1 };
    const offsets = Uint32Array.of(0, 1);
    const ranges = Uint32Array.of(0, 0, 0, 3);
    const message = "Expected at least 3 keys for span but received 2";
    await expect(run(device, { ...input, offsets, ranges })).rejects.toThrow(message);
  });
});
