import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { tokenLoss as run } from "../../src/kernels/token-loss.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { tokenLoss as reference } from "../reference/token-loss.js";

const none = 2 ** 32 - 1;

describe.each(devices)("token loss on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("is ln 2 between two equal logits, and the lower column is the likeliest", async () => {
    const { loss, best } = await run(device, Float32Array.of(3, 3), Uint32Array.of(1));
    expectClose(loss, [Math.LN2], { absolute: 1e-7 });
    expect([...best]).toEqual([0]);
  });

  test("is 0 for a row without a target", async () => {
    const { loss, best } = await run(device, Float32Array.of(0, 9, 0, 9), Uint32Array.of(none, 0));
    expectClose(loss, [0, 9 + Math.log1p(Math.exp(-9))], { relative: 1e-6 });
    expect([...best]).toEqual([0, 1]);
  });

  test("stays finite for logits of thousands", async () => {
    const { loss } = await run(device, Float32Array.of(5000, 0), Uint32Array.of(1));
    expect([...loss]).toEqual([5000]);
  });

  test.each([
    [1, 1],
    [131, 31],
    [7, 33],
    [3, 50_257],
  ])("matches the definition on %i rows of %i", async (rows, width) => {
    const logits = randomFloats(rows * width, 1, 3);
    const targets = randomIntegers(rows, width, 2);
    const [{ loss, best }, truth] = [await run(device, logits, targets), reference(logits, targets)];
    expectClose(loss, truth.loss, { relative: 1e-6, absolute: 1e-6 });
    expect([...best]).toEqual(truth.best);
  });

  test("refuses a target past the last column", async () => {
    const message = "Expected columns below 2 for targets but received 2";
    await expect(run(device, new Float32Array(2), Uint32Array.of(2))).rejects.toThrow(message);
  });
});
