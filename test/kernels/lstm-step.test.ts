import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { lstmParts, lstmStepKernel, lstmStep as run } from "../../src/kernels/lstm-step.js";
import { given, runOnce, wanted } from "../../src/kernels/run-once.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { lstmStep as reference } from "../reference/lstm-step.js";

const rounding = { absolute: 1e-6 }; // values of one, a few ulp

const randomStep = (rows: number, width: number) => ({
  input: randomFloats(rows * 4 * width, 1, 2),
  recurrent: randomFloats(rows * 4 * width, 2),
  cell: randomFloats(rows * width, 4),
});

describe.each(devices)("LSTM step on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("halves the cell when all gates are half open and the candidate is 0", async () => {
    const step = await run(device, 1, { input: new Float32Array(4), cell: Float32Array.of(2) });
    expectClose(step.gates, [0.5, 0.5, 0, 0.5], rounding);
    expectClose(step.cell, [1], rounding);
    expectClose(step.hidden, [0.5 * Math.tanh(1)], rounding);
  });

  test("keeps the cell for good when it only remembers", async () => {
    const step = await run(device, 1, { input: Float32Array.of(-100, 100, 3, -100), cell: Float32Array.of(5) });
    expect([...step.cell]).toEqual([5]);
    expect([...step.hidden]).toEqual([0]);
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
    expectClose(step.cell, truth.cell, rounding);
    expectClose(step.hidden, truth.hidden, rounding);
  });

  test("in three parts is the same as in one, and copies its states", async () => {
    const [rows, width] = [5, 33];
    const { input, recurrent, cell } = randomStep(rows, width);
    const whole = await run(device, width, { input, recurrent, cell });
    const [state, four] = [
      [rows, width],
      [rows, 4 * width],
    ];
    const sizes = { rows, width, inputRows: rows };
    const first = await runOnce(
      device,
      lstmStepKernel,
      {
        input: given(input, four),
        recurrent: given(recurrent, four),
        gates: wanted("f32", four),
      },
      sizes,
      { parts: lstmParts.gates, indexed: 0 },
    );
    const second = await runOnce(
      device,
      lstmStepKernel,
      { cell: given(cell, state), gates: given(first.gates, four), cells: wanted("f32", state) },
      sizes,
      { parts: lstmParts.cell, indexed: 0 },
    );
    const third = await runOnce(
      device,
      lstmStepKernel,
      {
        cell: given(second.cell, state),
        gates: given(first.gates, four),
        hidden: wanted("f32", state),
        hiddens: wanted("f32", state),
      },
      sizes,
      { parts: lstmParts.hidden, indexed: 0 },
    );
    expect(first.gates).toEqual(whole.gates);
    expect(second.cell).toEqual(whole.cell);
    expect(second.cells).toEqual(whole.cell);
    expect(third.hidden).toEqual(whole.hidden);
    expect(third.hiddens).toEqual(whole.hidden);
  });

  test.each([
    [7, 3, 33],
    [131, 2, 129],
  ])("gives %i rows the input of %i that they share", async (rows, inputRows, width) => {
    const input = randomFloats(inputRows * 4 * width, 5, 2);
    const step = { ...randomStep(rows, width), input, index: randomIntegers(rows, inputRows, 6) };
    const [shared, truth] = [await run(device, width, step), reference(width, step)];
    expectClose(shared.gates, truth.gates, rounding);
    expectClose(shared.cell, truth.cell, rounding);
  });

  test("refuses a row of input that is not there", async () => {
    const step = { input: new Float32Array(8), index: Uint32Array.of(0, 2), cell: new Float32Array(2) };
    await expect(run(device, 1, step)).rejects.toThrow("Expected rows of input below 2 for index but received 2");
  });

  test("refuses an input of another size", async () => {
    const message = "Expected 1 × 8 elements for input but received 4";
    await expect(run(device, 2, { input: new Float32Array(4), cell: new Float32Array(2) })).rejects.toThrow(message);
  });
});
