import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { Recorder } from "../../src/device/plan.js";
import { transpose, transposeKernel } from "../../src/kernels/transpose.js";
import { devices } from "../devices.js";
import { randomNormals } from "../random.js";
import { transpose as reference } from "../reference/transpose.js";

describe.each(devices)("transpose on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("turns rows into columns", async () => {
    expect(await transpose(device, Float32Array.of(1, 2, 3, 4, 5, 6), 3)).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
  });

  test.each([
    [0, 4, 0, 4],
    [1, 1, 0, 1],
    [31, 33, 1, 32],
    [67, 131, 16, 33],
    [300, 257, 0, 257],
  ])("matches the definition on %i rows × %i columns from %i, %i of them", async (rows, columns, first, count) => {
    const x = randomNormals(rows * columns, rows);
    expect([...(await transpose(device, x, columns, first, count))]).toEqual(reference(x, columns, first, count));
  });

  test("appends blocks of rows behind one another", async () => {
    const x = randomNormals(90 * 20, 2);
    const plan = new Recorder();
    const operands = { x: plan.external("x", "f32", [45, 20]), out: plan.external("out", "f32", [3, 90]) };
    plan.record(transposeKernel, operands, {
      rows: 45,
      columns: 3,
      firstRow: plan.parameter("first"),
      firstColumn: 17,
    });
    using compiled = device.plan(plan);
    using out = device.upload(new Float32Array(270));
    using head = device.upload(x.subarray(0, 900));
    using tail = device.upload(x.subarray(900));
    await device.submit(compiled, { buffers: { x: head, out }, parameters: { first: 0 } }).done;
    await device.submit(compiled, { buffers: { x: tail, out }, parameters: { first: 45 } }).done;
    expect([...(await device.download(out, new Float32Array(270)))]).toEqual(reference(x, 20, 17, 3));
  });

  test("refuses columns that are not there", async () => {
    await expect(transpose(device, new Float32Array(6), 3, 1, 3)).rejects.toThrow(
      "Expected a range of 3 columns for first and count but received [1, 3]",
    );
  });
});
