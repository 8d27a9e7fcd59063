import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { attention } from "../../src/kernels/attention.js";
import { embedding } from "../../src/kernels/embedding.js";
import { gatherRows } from "../../src/kernels/gather-rows.js";
import { layerNorm } from "../../src/kernels/layer-norm.js";
import { lstmStep } from "../../src/kernels/lstm-step.js";
import { poolRows } from "../../src/kernels/pool-rows.js";
import { softmax } from "../../src/kernels/softmax.js";
import { tokenLoss } from "../../src/kernels/token-loss.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { embedding as embeddingTruth } from "../reference/embedding.js";
import { gatherRows as gatherTruth } from "../reference/gather-rows.js";
import { layerNorm as layerNormTruth } from "../reference/layer-norm.js";
import { lstmStep as lstmTruth } from "../reference/lstm-step.js";
import { poolRows as poolTruth } from "../reference/pool-rows.js";
import { softmax as softmaxTruth } from "../reference/softmax.js";
import { tokenLoss as lossTruth } from "../reference/token-loss.js";

// Bindings of 64 KiB and grids of 7 × 7 × 7, which the native device does not have.
const limits = { bindingBytes: 65_536, groupsPerDimension: 7 };
const rounding = { absolute: 4e-6 };

describe.each(devices)("layers cut to small bindings on %s", (name, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open({ limits });
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("layer norm of 500 rows of 67, and softmax of them", async () => {
    const x = randomFloats(500 * 67, 1);
    const input = { x, residual: randomFloats(500 * 67, 2), weight: randomFloats(67, 3), bias: randomFloats(67, 4) };
    expectClose(await layerNorm(device, input), layerNormTruth(input, 1e-5), rounding);
    expectClose(await softmax(device, x, 67), softmaxTruth(x, 67), rounding);
  });

  test("rows of a small table for 1,000 tokens", async () => {
    const words = { ids: randomIntegers(1000, 40, 1), table: randomFloats(40 * 65, 2) };
    expectClose(await embedding(device, words, 65), embeddingTruth(words, 65), rounding);
    const out = await gatherRows(device, words.table, 65, words.ids);
    expect([...out]).toEqual(gatherTruth(words.table, 65, words.ids));
  });

  test("1,000 pooled groups of 40 rows", async () => {
    const [x, starts] = [randomFloats(40 * 65, 1), randomIntegers(1000, 30, 2)];
    const groups = { starts, ends: starts.map((start) => start + 3) };
    expectClose(await poolRows(device, x, 65, groups, "mean"), poolTruth(x, 65, groups, "mean"), rounding);
  });

  test("LSTM states of 200 sequences", async () => {
    const input = { input: randomFloats(200 * 4 * 33, 1), cell: randomFloats(200 * 33, 2) };
    const [step, truth] = [await lstmStep(device, 33, input), lstmTruth(33, input)];
    expectClose(step.hidden, truth.hidden, rounding);
    expectClose(step.gates, truth.gates, rounding);
  });

  test("losses of 300 rows of 101 logits", async () => {
    const [logits, targets] = [randomFloats(300 * 101, 1), randomIntegers(300, 101, 2)];
    const [{ loss, best }, truth] = [await tokenLoss(device, logits, targets), lossTruth(logits, targets)];
    expectClose(loss, truth.loss, rounding);
    expect([...best]).toEqual(truth.best);
  });

  test("attention is whole or refused, never cut", async () => {
    const many = randomFloats(300 * 64, 1);
    const input = { query: many, key: many, value: many, offsets: Uint32Array.of(0, 300), heads: 1, headWidth: 64 };
    if (name === "native") return expect((await attention(device, input)).out).toHaveLength(300 * 64);
    await expect(attention(device, input)).rejects.toThrow(/needs 76800 bytes of query at once .* holds 65536/);
  });
});
