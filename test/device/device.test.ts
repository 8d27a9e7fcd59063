import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DeviceError, FileError, KernelError } from "../../src/core/errors.js";
import type { Device } from "../../src/device/device.js";
import { columnsOf, Recorder, rowsOf } from "../../src/device/plan.js";
import { bitCountsKernel } from "../../src/kernels/bit-counts.js";
import { rowDistanceKernel } from "../../src/kernels/row-distance.js";
import { transposeKernel } from "../../src/kernels/transpose.js";
import { devices } from "../devices.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();

/** rows × columns → its transpose → its transpose again, columns 0 … columns − 1 of rows `start` on. */
function turnTwice(rows: number, columns: number): Recorder {
  const plan = new Recorder();
  const x = plan.external("x", "f32", [rows, columns]);
  const turned = plan.temporary("f32", [columns, rows]);
  const out = plan.external("out", "f32", [rows, columns]);
  const from = { firstRow: 0, firstColumn: 0 };
  plan.record(transposeKernel, { x, out: turned }, { rows, columns, ...from });
  plan.record(transposeKernel, { x: turned, out }, { rows: columns, columns: rows, ...from });
  return plan;
}

const counted = (rows: number, columns: number) => Float32Array.from({ length: rows * columns }, (_, i) => i);

describe.each(devices)("%s", (_name, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(async () => await device[Symbol.asyncDispose]());

  test("runs a plan that was disposed of right after its submit, and refuses it then", async () => {
    const [rows, columns] = [5, 3];
    const plan = device.plan(turnTwice(rows, columns));
    using x = device.upload(counted(rows, columns));
    using out = device.allocate(rows * columns * 4);
    const fence = device.submit(plan, { buffers: { x, out } });
    plan[Symbol.dispose]();
    await fence.done;
    expect(await device.download(out, new Float32Array(rows * columns))).toEqual(counted(rows, columns));
    expect(() => device.submit(plan, { buffers: { x, out } })).toThrow(
      "Expected a plan that has not been disposed of for plan but received",
    );
  });

  test("keeps what was uploaded, whatever the caller does to it afterwards", async () => {
    const data = Float32Array.of(1, 2, 3);
    using buffer = device.upload(data);
    data.fill(0);
    expect([...(await device.download(buffer, new Float32Array(3)))]).toEqual([1, 2, 3]);
    expect([...(await device.download(buffer, new Float32Array(1), 4))]).toEqual([2]);
  });

  test.each([1, 700, 3 << 19])("gives %i zeros, also where something lay before", async (count) => {
    const before = device.upload(new Float32Array(count).fill(7));
    before[Symbol.dispose]();
    using buffer = device.zeros(count * 4);
    device.write(buffer, Float32Array.of(5));
    const got = await device.download(buffer, new Float32Array(count).fill(3));
    expect(got.findIndex((value, at) => value !== (at === 0 ? 5 : 0))).toBe(-1);
  });

  test("takes bytes whose number is no multiple of four", async () => {
    using buffer = device.upload(Uint8Array.of(1, 2, 3, 4, 5));
    expect([...(await device.download(buffer, new Uint8Array(5)))]).toEqual([1, 2, 3, 4, 5]);
  });

  test("runs writes and submits in the order in which they were asked for", async () => {
    using plan = device.plan(turnTwice(5, 3));
    using x = device.upload(counted(5, 3));
    using first = device.allocate(60);
    using second = device.allocate(60);
    device.submit(plan, { buffers: { x, out: first } });
    device.write(x, Float32Array.of(100), 4);
    device.submit(plan, { buffers: { x, out: second } });
    device.write(x, Float32Array.of(200), 4);
    expect((await device.download(first, new Float32Array(15)))[1]).toBe(1);
    expect((await device.download(second, new Float32Array(15)))[1]).toBe(100);
    expect((await device.download(x, new Float32Array(15)))[1]).toBe(200);
  });

  test("counts one submit for a plan of many steps", async () => {
    using plan = device.plan(turnTwice(2, 2));
    using x = device.upload(counted(2, 2));
    using out = device.allocate(16);
    const before = device.submits;
    await device.submit(plan, { buffers: { x, out } }).done;
    expect(plan.steps).toBe(2);
    expect(device.submits).toBe(before + 1);
  });

  test("submits a plan again with new memory, offsets and sizes", async () => {
    const recorder = new Recorder();
    const x = recorder.external("x", "f32", [40, 9]);
    const out = recorder.external("out", "f32", [4, 40]);
    const window = columnsOf(rowsOf(x, recorder.parameter("start"), 40), 2, 4);
    const rows = recorder.parameter("rows");
    recorder.record(transposeKernel, { x: window, out }, { rows, columns: 4, firstRow: 0, firstColumn: 0 });
    using plan = device.plan(recorder);
    for (const [start, count] of [
      [0, 3],
      [17, 20],
      [39, 1],
    ] as const) {
      using data = device.upload(counted(80, 9));
      using result = device.allocate(4 * 40 * 4);
      device.submit(plan, { buffers: { x: data, out: result }, parameters: { start, rows: count } });
      const got = await device.download(result, new Float32Array(160));
      for (let column = 0; column < 4; column++) {
        const expected = Array.from({ length: count }, (_, row) => (start + row) * 9 + 2 + column);
        expect([...got.subarray(column * 40, column * 40 + count)]).toEqual(expected);
      }
    }
  });

  test("gives constants to a plan once and for all", async () => {
    using bits = device.upload(Uint32Array.of(0, 1, 3, 0xffffffff));
    using counts = device.allocate(16);
    const recorder = new Recorder();
    const constant = recorder.constant(bits, "u32", [2, 2]);
    recorder.record(
      bitCountsKernel,
      { bits: constant, counts: recorder.external("counts", "u32", [2]) },
      { rows: 2, words: 2 },
    );
    using plan = device.plan(recorder);
    device.submit(plan, { buffers: { counts } });
    expect([...(await device.download(counts, new Uint32Array(2)))]).toEqual([1, 34]);
  });

  test("reads part of a file without changing it", async () => {
    const path = join(folder, "numbers");
    writeFileSync(path, counted(1, 100));
    using region = device.adopt({ path, byteOffset: 40, bytes: 20 });
    expect([...(await device.download(region, new Float32Array(5)))]).toEqual([10, 11, 12, 13, 14]);
    expect(() => device.write(region, Float32Array.of(1))).toThrow("Expected a buffer that may be written");
    using plan = device.plan(turnTwice(1, 5));
    using x = device.upload(counted(1, 5));
    expect(() => device.submit(plan, { buffers: { x, out: region } })).toThrow("is read-only memory");
  });

  test("refuses a file that is shorter than the region", () => {
    const path = join(folder, "short");
    writeFileSync(path, "1234");
    const adopt = (name: string) => device.adopt({ path: name, byteOffset: 0, bytes: 8 });
    expect(() => adopt(path)).toThrow(FileError);
    expect(() => adopt(path)).toThrow(/short: is cut short: expected at least 8 bytes but it has 4/);
    expect(() => adopt(join(folder, "nowhere"))).toThrow(FileError);
  });

  test("tells a failure at the next download, once, with a stack", async () => {
    using plan = device.plan(failing(device.kind));
    using x = device.upload(counted(1, 4));
    using out = device.allocate(16);
    const fence = device.submit(plan, { buffers: { x, out } });
    await expect(fence.done).rejects.toThrow(KernelError);
    const failure = await device.download(out, new Float32Array(1)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KernelError);
    expect((failure as KernelError).stack).toContain(".ts:");
    await device.download(out, new Float32Array(1));
  });

  test.each<[string, object, string]>([
    ["a missing buffer", { buffers: {} }, "Expected a buffer for buffers.x but received undefined"],
    ["a stranger", { buffers: { y: 1 } }, 'Expected only x, out for buffers but received "y"'],
    ["a parameter it has not", { parameters: { rows: 1 } }, 'Expected none for parameters but received "rows"'],
  ])("refuses a submit with %s", (_what, bindings, message) => {
    using plan = device.plan(turnTwice(2, 2));
    expect(() => device.submit(plan, bindings)).toThrow(message);
  });

  test("refuses memory that is too small, freed, or another device's", async () => {
    using plan = device.plan(turnTwice(2, 2));
    using x = device.upload(counted(2, 2));
    using small = device.allocate(12);
    expect(() => device.submit(plan, { buffers: { x, out: small } })).toThrow(
      "out would reach element 4 of memory that holds 3",
    );
    const freed = device.allocate(16);
    freed[Symbol.dispose]();
    freed[Symbol.dispose]();
    expect(() => device.submit(plan, { buffers: { x, out: freed } })).toThrow("not been freed");
    await using other = await open();
    using foreign = other.allocate(16);
    expect(() => device.submit(plan, { buffers: { x, out: foreign } })).toThrow("Expected a buffer of this device");
  });

  test("refuses a download beyond the end, and one from between two numbers", async () => {
    using buffer = device.allocate(8);
    await expect(device.download(buffer, new Float32Array(3))).rejects.toThrow("at least 12 bytes");
    await expect(device.download(buffer, new Float32Array(1), 2)).rejects.toThrow("a multiple of 4");
  });

  test("says that it is closed", async () => {
    const closed = await open();
    await closed[Symbol.asyncDispose]();
    expect(() => closed.allocate(4)).toThrow(DeviceError);
    expect(() => closed.allocate(4)).toThrow("it has been closed");
  });
});

describe.each(devices)("%s with bindings of 64 KiB and 7 workgroups a dimension", (_name, open) => {
  test("counts the bits of 12,000 rows", async () => {
    await using device = await open({ limits: { bindingBytes: 65_536, groupsPerDimension: 7 } });
    const rows = 12_000;
    const words = 3;
    const bits = Uint32Array.from({ length: rows * words }, (_, i) => 2 ** (i % 33) - 1);
    const recorder = new Recorder();
    const operands = {
      bits: recorder.external("bits", "u32", [rows, words]),
      counts: recorder.external("counts", "u32", [rows]),
    };
    recorder.record(bitCountsKernel, operands, { rows, words });
    using plan = device.plan(recorder);
    using given = device.upload(bits);
    using counts = device.allocate(rows * 4);
    device.submit(plan, { buffers: { bits: given, counts } });
    const got = await device.download(counts, new Uint32Array(rows));
    const expected = Uint32Array.from({ length: rows }, (_, row) => {
      return [0, 1, 2].reduce((sum, word) => sum + ((row * words + word) % 33), 0);
    });
    expect(got).toEqual(expected);
  });
});

/** A plan that fails when it runs: natively a kernel refuses its input, on a GPU one buffer is both read and written. */
function failing(kind: Device["kind"]): Recorder {
  const recorder = new Recorder();
  const x = recorder.external("x", "f32", [1, 4]);
  const out = recorder.external("out", "f32", [1, 4]);
  const parameters = { rows: 1, width: 4, sourceRows: kind === "native" ? 0 : 1 };
  recorder.record(rowDistanceKernel, { before: x, after: out, out }, parameters);
  return recorder;
}
