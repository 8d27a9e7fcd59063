import { describe, expect, test } from "vitest";
import { Recorder } from "../../src/device/plan.js";
import { transposeKernel } from "../../src/kernels/transpose.js";
import { devices } from "../devices.js";

describe.each(devices)("%s", (_name, open) => {
  test("runs a plan whose constants were freed right after its submit, and refuses it then", async () => {
    await using device = await open(); // its kernels are yet to be compiled
    const x = device.upload(Float32Array.from({ length: 15 }, (_, i) => i));
    using out = device.allocate(15 * 4);
    const recorder = new Recorder();
    const operands = { x: recorder.constant(x, "f32", [5, 3]), out: recorder.external("out", "f32", [3, 5]) };
    recorder.record(transposeKernel, operands, { rows: 5, columns: 3, firstRow: 0, firstColumn: 0 });
    using plan = device.plan(recorder);
    device.submit(plan, { buffers: { out } });
    x[Symbol.dispose]();
    const turned = Float32Array.from({ length: 15 }, (_, i) => 3 * (i % 5) + Math.floor(i / 5));
    expect(await device.download(out, new Float32Array(15))).toEqual(turned);
    expect(() => device.submit(plan, { buffers: { out } })).toThrow("not been freed");
  });
});
