import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { mixLoss as run } from "../../src/kernels/mix-loss.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { mixLoss as reference } from "../reference/mix-loss.js";

const none = 2 ** 32 - 1;

describe.each(devices)("mix loss on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("is ln 2 between two logits that become equal, and the lower column is the likeliest", async () => {
    const input = { x: Float32Array.of(1, 5, 4, 0), width: 2, index: Uint32Array.of(0, 1), targets: Uint32Array.of(1) };
    const { loss, best } = await run(device, { ...input, shares: Float32Array.of(1, 1) });
    expectClose(loss, [Math.LN2], { absolute: 1e-7 });
    expect([...best]).toEqual([0]);
    const shifted = await run(device, { ...input, shares: Float32Array.of(1, 1), bias: Float32Array.of(0, 3) });
    expectClose(shifted.loss, [Math.log1p(Math.exp(-3))], { relative: 1e-6 });
    expect([...shifted.best]).toEqual([1]);
  });

  test("is 0 for a row without a target", async () => {
    const rows = { index: Uint32Array.of(0, 0, 0, 0), shares: Float32Array.of(1, 0, 1, 0) };
    const { loss, best } = await run(device, { x: Float32Array.of(0, 9), width: 2, ...rows, targets: Uint32Array.of(none, 0) }); // biome-ignore format: one line
    expectClose(loss, [0, 9 + Math.log1p(Math.exp(-9))], { relative: 1e-6 });
    expect([...best]).toEqual([0, 1]);
  });

  test("finds the lowest of equal columns that lie far apart, and stays finite for logits of thousands", async () => {
    const x = new Float32Array(5000);
    for (const column of [1500, 1501, 4999]) x[column] = 5000;
    const { loss, best } = await run(device, { x, width: 5000, index: Uint32Array.of(0, 0), shares: Float32Array.of(0.5, 0.5), targets: Uint32Array.of(4999) }); // biome-ignore format: one line
    expectClose(loss, [Math.log(3)], { absolute: 1e-6 });
    expect([...best]).toEqual([1500]);
  });

  test.each([
    [0, 3],
    [1, 1],
    [600, 33],
    [5, 1025],
    [4100, 7],
    [3, 50_257],
  ])("matches the definition on %i rows of %i", async (rows, width) => {
    const x = randomFloats(9 * width, 1, 3);
    const [index, shares] = [randomIntegers(2 * rows, 9, 2), randomFloats(2 * rows, 3)];
    const [bias, targets] = [randomFloats(width, 4), randomIntegers(rows, width, 5)];
    const got = await run(device, { x, width, index, shares, bias, targets });
    const truth = reference(x, width, index, shares, targets, bias);
    expectClose(got.loss, truth.loss, { relative: 2e-6, absolute: 2e-6 });
    expect([...got.best]).toEqual(truth.best);
  });

  test("refuses a row past the end, and a target past the last column", async () => {
    const input = { x: new Float32Array(4), width: 2, shares: new Float32Array(2), targets: Uint32Array.of(0) };
    const rows = run(device, { ...input, index: Uint32Array.of(0, 2) });
    await expect(rows).rejects.toThrow("Expected rows below 2 for index but received 2");
    const targets = run(device, { ...input, index: Uint32Array.of(0, 1), targets: Uint32Array.of(2) });
    await expect(targets).rejects.toThrow("Expected columns below 2 for targets but received 2");
  });
});
