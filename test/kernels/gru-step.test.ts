import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { gruParts, gruStepKernel, gruStep as run } from "../../src/kernels/gru-step.js";
import { given, runOnce, wanted } from "../../src/kernels/run-once.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { gruStep as reference } from "../reference/gru-step.js";

const rounding = { absolute: 1e-6 }; // values of one, a few ulp

const randomStep = (rows: number, width: number) => ({
  input: randomFloats(rows * 3 * width, 1, 2),
  recurrent: randomFloats(rows * 3 * width, 2),
  bias: randomFloats(3 * width, 3),
  hidden: randomFloats(rows * width, 4),
});

describe.each(devices)("GRU step on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("halves its state when the update gate is half open and the candidate is 0", async () => {
    const step = await run(device, 1, { input: new Float32Array(3), hidden: Float32Array.of(2) });
    expectClose(step.gates, [0.5, 0.5, 0], rounding);
    expectClose(step.hidden, [1], rounding);
  });

  test("keeps its state when the update gate is open", async () => {
    const step = await run(device, 1, { input: Float32Array.of(0, 100, 3), hidden: Float32Array.of(0.25) });
    expect([...step.hidden]).toEqual([0.25]);
  });

  test.each([
    [0, 3],
    [1, 1],
    [3, 31],
    [131, 129],
  ])("matches the definition on %i rows of %i units", async (rows, width) => {
    const input = randomStep(rows, width);
    const [step, truth] = [await run(device, width, input), reference(width, input)];
    expectClose(step.gates, truth.gates, rounding);
    expectClose(step.hidden, truth.hidden, rounding);
  });

  test("in three parts is the same as in one, and copies its state", async () => {
    const [rows, width] = [5, 33];
    const { input, recurrent, bias, hidden } = randomStep(rows, width);
    const whole = await run(device, width, { input, recurrent, bias, hidden });
    const [state, three] = [
      [rows, width],
      [rows, 3 * width],
    ];
    const sizes = { rows, width, inputRows: rows };
    const projections = {
      input: given(input, three),
      recurrent: given(recurrent, three),
      bias: given(bias, [3 * width]),
    };
    const first = await runOnce(device, gruStepKernel, { ...projections, gates: wanted("f32", three) }, sizes, {
      parts: gruParts.gates,
      indexed: 0,
    });
    const second = await runOnce(device, gruStepKernel, { ...projections, gates: given(first.gates, three) }, sizes, {
      parts: gruParts.candidate,
      indexed: 0,
    });
    const third = await runOnce(
      device,
      gruStepKernel,
      { hidden: given(hidden, state), gates: given(second.gates, three), hiddens: wanted("f32", state) },
      sizes,
      { parts: gruParts.hidden, indexed: 0 },
    );
    expect(second.gates).toEqual(whole.gates);
    expect(third.hidden).toEqual(whole.hidden);
    expect(third.hiddens).toEqual(whole.hidden);
  });

  test.each([
    [7, 3, 33],
    [131, 2, 129],
  ])("gives %i rows the input of %i that they share", async (rows, inputRows, width) => {
    const input = randomFloats(inputRows * 3 * width, 5, 2);
    const step = { ...randomStep(rows, width), input, index: randomIntegers(rows, inputRows, 6) };
    const [shared, truth] = [await run(device, width, step), reference(width, step)];
    expectClose(shared.gates, truth.gates, rounding);
    expectClose(shared.hidden, truth.hidden, rounding);
  });

  test("refuses a bias of another size", async () => {
    const step = { input: new Float32Array(6), bias: new Float32Array(2), hidden: new Float32Array(2) };
    await expect(run(device, 2, step)).rejects.toThrow("Expected 6 elements for bias but received 2");
  });
});
