import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { activation } from "../../src/kernels/activation.js";
import { attention } from "../../src/kernels/attention.js";
import { divergence } from "../../src/kernels/divergence.js";
import { gruStep } from "../../src/kernels/gru-step.js";
import { layerNorm } from "../../src/kernels/layer-norm.js";
import { lstmStep } from "../../src/kernels/lstm-step.js";
import { rmsNorm } from "../../src/kernels/rms-norm.js";
import { tokenLoss } from "../../src/kernels/token-loss.js";
import { devices } from "../devices.js";
import layers from "../fixtures/layers.json" with { type: "json" };
import { expectClose } from "../floats.js";

// bench/peers/make-layer-fixtures.py made the numbers, in float64.
const rounding = { absolute: 2e-6 };

/** The tensors of one call as float32. */
function tensors<Name extends string>(layer: Readonly<Record<Name, readonly number[]>>): Record<Name, Float32Array> {
  const entries = Object.entries<readonly number[]>(layer).map(([name, numbers]) => [name, Float32Array.from(numbers)]);
  return Object.fromEntries(entries) as Record<Name, Float32Array>;
}

describe.each(devices)("what torch computes, on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("layer norm of a sum", async () => {
    expectClose(await layerNorm(device, tensors(layers.layerNorm), 1e-5), layers.layerNorm.out, rounding);
  });

  test("root mean square norm", async () => {
    expectClose(await rmsNorm(device, tensors(layers.rmsNorm)), layers.rmsNorm.out, rounding);
  });

  test.each(["gelu", "gelu-tanh", "silu", "relu", "tanh", "sigmoid"] as const)("%s", async (kind) => {
    const out = await activation(device, kind, Float32Array.from(layers.activations.x));
    // torch adds 1 to erf and tanh, which leaves 1e-15 of it in float64 too.
    expectClose(out, layers.activations[kind], { relative: 5e-6, absolute: 1e-14 });
  });

  test.each(["full", "causal"] as const)("%s attention with shared key heads", async (mask) => {
    const sizes = { offsets: Uint32Array.of(0, 5), heads: 4, keyHeads: 2, headWidth: 3, mask };
    const { out } = await attention(device, { ...tensors(layers[mask]), ...sizes });
    expectClose(out, layers[mask].out, rounding);
  });

  test("an LSTM cell", async () => {
    const { input, bias, ...state } = tensors(layers.lstm);
    const step = { ...state, input: input.map((value, i) => value + bias[i % 12]!) };
    const { hidden, cell } = await lstmStep(device, 3, step);
    expectClose(hidden, layers.lstm.hidden, rounding);
    expectClose(cell, layers.lstm.after, rounding);
  });

  test("a GRU cell", async () => {
    const { hidden } = await gruStep(device, 3, tensors(layers.gru));
    expectClose(hidden, layers.gru.after, rounding);
  });

  test("cross entropy and the arg max", async () => {
    const targets = Uint32Array.from(layers.losses.targets);
    const { loss, best } = await tokenLoss(device, tensors(layers.losses).before, targets);
    expectClose(loss, layers.losses.loss, rounding);
    expect([...best]).toEqual(layers.losses.best);
  });

  test("Kullback and Leibler's divergence", async () => {
    const { before, after } = tensors(layers.losses);
    expectClose(await divergence(device, before, after, 11), layers.losses.divergence, { relative: 3e-6 });
  });
});
