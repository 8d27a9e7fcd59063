import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { type MatrixChange, matrixOperations, intervene as run } from "../../src/kernels/intervene.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats } from "../floats.js";
import { intervene as reference } from "../reference/intervene.js";

const x = Float32Array.of(1, 2, 3, 4, 5, 6);
const everywhere = { rows: [0, 2], columns: [0, 3] } as const;

describe.each(devices)("interventions on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test.each([
    ["sets a cell", [{ rows: [1, 2], columns: [0, 1], operation: "set", amount: 9 }], [1, 2, 3, 9, 5, 6]],
    ["zeroes a column", [{ rows: [0, 2], columns: [1, 2], operation: "set" }], [1, 0, 3, 4, 0, 6]],
    ["flips signs", [{ ...everywhere, operation: "scale", amount: -1 }], [-1, -2, -3, -4, -5, -6]],
    ["adds to a row", [{ rows: [0, 1], columns: [0, 3], operation: "add", amount: 10 }], [11, 12, 13, 4, 5, 6]],
    ["changes nothing with an empty run", [{ rows: [1, 1], columns: [0, 3], operation: "set" }], [1, 2, 3, 4, 5, 6]],
  ] satisfies [string, MatrixChange[], number[]][])("%s", async (_, changes, expected) => {
    expect([...(await run(device, { x, width: 3, changes }))]).toEqual(expected);
  });

  test("changes nothing without changes", async () => {
    expect([...(await run(device, { x, width: 3, changes: [] }))]).toEqual([...x]);
  });

  test("carries changes out in order", async () => {
    const changes: MatrixChange[] = [
      { ...everywhere, operation: "set", amount: 2 },
      { rows: [0, 2], columns: [1, 3], operation: "add", amount: 1 },
      { rows: [1, 2], columns: [0, 2], operation: "scale", amount: 10 },
    ];
    expect([...(await run(device, { x, width: 3, changes }))]).toEqual([2, 3, 3, 20, 30, 3]);
  });

  test("replaces every row by one vector, or each by its own", async () => {
    const values = Float32Array.of(0, 7, 8, 9, 10);
    const same: MatrixChange = {
      rows: [0, 2],
      columns: [1, 3],
      operation: "replace",
      vector: { offset: 1, step: 0 },
    };
    expect([...(await run(device, { x, width: 3, changes: [same], values }))]).toEqual([1, 7, 8, 4, 7, 8]);
    const own = { ...same, vector: { offset: 1, step: 2 } };
    expect([...(await run(device, { x, width: 3, changes: [own], values }))]).toEqual([1, 7, 8, 4, 9, 10]);
  });

  test("takes rows off a direction", async () => {
    const values = Float32Array.of(0.6, 0, 0.8);
    const change: MatrixChange = {
      ...everywhere,
      operation: "project",
      amount: -1,
      vector: { offset: 0, step: 0 },
    };
    const out = await run(device, { x, width: 3, changes: [change], values });
    expectClose([out[0]! * 0.6 + out[2]! * 0.8, out[3]! * 0.6 + out[5]! * 0.8], [0, 0], { absolute: 1e-6 });
    expect([out[1], out[4]]).toEqual([2, 5]);
  });

  test("picks columns from a list", async () => {
    const columns = Uint32Array.of(9, 2, 0);
    const change: MatrixChange = { rows: [0, 2], columns: [1, 3], listed: true, operation: "set", amount: -1 };
    expect([...(await run(device, { x, width: 3, changes: [change], columns }))]).toEqual([-1, 2, -1, -1, 5, -1]);
  });

  test.each(matrixOperations)("%s matches the definition on 131 rows of 301 columns", async (operation) => {
    const input = {
      x: randomFloats(131 * 301, 1),
      width: 301,
      columns: Uint32Array.from({ length: 70 }, (_, k) => (k * 97) % 301),
      values: randomFloats(131 * 70 + 5, 2, 0.3),
      changes: [
        { rows: [3, 131], columns: [0, 70], operation, amount: 0.5, vector: { offset: 5, step: 70 } },
        { rows: [0, 90], columns: [200, 301], operation: "scale", amount: 2 },
        { rows: [20, 77], columns: [5, 70], listed: true, operation, amount: -0.7, vector: { offset: 0, step: 0 } },
      ] satisfies MatrixChange[],
    };
    // Dot products of 70 terms in float32 on a GPU.
    expectClose(await run(device, input), reference(input), { absolute: 1e-5 });
  });

  test.each([
    [{ rows: [0, 3], columns: [0, 1], operation: "set" }, "Expected a run in 0 … 2 for rows but received [0, 3]"],
    [{ rows: [0, 1], columns: [2, 4], operation: "set" }, "Expected a run in 0 … 3 for columns but received [2, 4]"],
    [
      { rows: [0, 2], columns: [0, 3], operation: "replace", vector: { offset: 1, step: 3 } },
      "Expected at least 7 numbers for values but received 2",
    ],
  ] satisfies [MatrixChange, string][])("refuses %o", async (change, message) => {
    const values = new Float32Array(2);
    await expect(run(device, { x, width: 3, changes: [change], values })).rejects.toThrow(message);
  });
});
