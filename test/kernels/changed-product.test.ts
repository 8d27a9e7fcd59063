import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { changedProductKernel, changedProduct as run } from "../../src/kernels/changed-product.js";
import { pack } from "../../src/kernels/pack.js";
import { given, runOnce, wanted } from "../../src/kernels/run-once.js";
import { devices, openTestDevice } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { changedProduct as reference } from "../reference/changed-product.js";

/** Rows that copy those of `before`, each with some columns of its own changed. */
function changedRows(rows: number, inner: number, changed: number) {
  const sources = 5;
  const before = randomFloats(sources * inner, 1);
  const index = randomIntegers(rows, sources, 2);
  const a = Float32Array.from([...index].flatMap((r) => [...before.subarray(r * inner, (r + 1) * inner)]));
  const [places, values] = [randomIntegers(rows * changed, inner, 3), randomFloats(rows * changed, 4)];
  places.forEach((k, c) => {
    a[Math.floor(c / changed) * inner + k] = values[c]!;
  });
  return { before, index, a };
}

describe.each(devices)("changed product on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("adds what changed to what is known", async () => {
    const [before, known] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(10, 20, 30, 40)];
    const a = Float32Array.of(3, 4, 3, 5, 0, 2);
    const index = Uint32Array.of(1, 1, 0);
    const b = Float32Array.of(1, 2, 3, 4); // a column: 1, 2; the other: 3, 4
    const got = await run(device, { inner: 2, columns: 2, a, before, known, index, b });
    expect([...got]).toEqual([30, 40, 32, 44, 9, 17]);
  });

  test("is bit for bit what is known where nothing changed, whatever the weights", async () => {
    const before = Float32Array.of(1, Number.NaN);
    const b = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY);
    const input = { inner: 2, columns: 1, a: before, before, known: Float32Array.of(0.1), index: Uint32Array.of(0), b };
    expect(await run(device, input)).toEqual(Float32Array.of(0.1));
  });

  test.each([
    [0, 3, 2, 1],
    [1, 1, 1, 1],
    [7, 31, 33, 2],
    [70, 385, 65, 40],
    [3, 5000, 300, 9],
  ])("matches the definition for %i × %i × %i with up to %i changes a row", async (rows, inner, columns, changed) => {
    const { before, index, a } = changedRows(rows, inner, changed);
    const known = randomFloats(5 * columns, 5);
    const plain = randomFloats(inner * columns, 6);
    const input = { inner, columns, a, before, known, index };
    const truth = reference(input, (k, j) => plain[j * inner + k]!);
    const turned = plain.map((_, at) => plain[(at % columns) * inner + Math.floor(at / columns)]!);
    const packed = await pack(device, plain, { inner, columns, layout: "columns × inner" });
    const layouts = { "columns × inner": plain, "inner × columns": turned, packed } as const;
    for (const layout of ["columns × inner", "inner × columns", "packed"] as const) {
      const got = await run(device, { ...input, b: layouts[layout], layout });
      expectClose(got, truth, { absolute: 1e-6 * Math.sqrt(changed + 1), relative: 1e-6 });
    }
  });

  test("gives a share of one and the sum of a row's differences on request, in all blocks of its columns", async () => {
    const [rows, inner, columns] = [2, 9000, 1];
    const a = new Float32Array(rows * inner);
    [3, 5000, 8999, inner + 8192].forEach((k) => {
      a[k] = k + 1;
    });
    const operands = {
      a: given(a, [rows, inner]),
      before: given(new Float32Array(inner), [1, inner]),
      known: given(Float32Array.of(1), [1, columns]),
      index: given(new Uint32Array(rows), [rows]),
      b: given(new Float32Array(inner).fill(2), [inner, columns]),
      out: wanted("f32", [rows, columns]),
      shares: wanted("f32", [rows, 2]),
    };
    const sizes = { rows, inner, columns, sourceRows: 1, changed: 3 };
    const { out, shares } = await runOnce(device, changedProductKernel, operands, sizes, { weightLayout: 1 });
    expect([...shares]).toEqual([1, 14_005, 1, 17_193]);
    expect([...out]).toEqual([28_011, 34_387]);
  });

  test("refuses rows past the end, and weights of another size", async () => {
    const one = new Float32Array(1);
    const input = { inner: 1, columns: 1, a: one, before: one, known: one, index: Uint32Array.of(1), b: one };
    await expect(run(device, input)).rejects.toThrow("Expected rows below 1 for index but received 1");
    const wide = { ...input, index: Uint32Array.of(0), b: new Float32Array(3) };
    await expect(run(device, wide)).rejects.toThrow("Expected 1 values for b but received 3");
  });
});

test("the native device refuses more changes of a row than were announced", async () => {
  await using device = await openTestDevice("native");
  const [rows, inner, columns] = [1, 3, 1];
  const operands = {
    a: given(new Float32Array(3), [rows, inner]),
    before: given(Float32Array.of(0, 1, 1), [1, inner]),
    known: given(new Float32Array(1), [1, columns]),
    index: given(new Uint32Array(1), [rows]),
    b: given(new Float32Array(3), [inner, columns]),
    out: wanted("f32", [rows, columns]),
    shares: wanted("f32", [rows, 2]),
  };
  const sizes = { rows, inner, columns, sourceRows: 1 };
  const options = { weightLayout: 1 };
  const once = (changed: number) => runOnce(device, changedProductKernel, operands, { ...sizes, changed }, options);
  await expect(once(1)).rejects.toThrow("more columns of a row differ than were announced");
  const { out, shares } = await once(2);
  expect([...out, ...shares]).toEqual([0, 1, -2]);
});
