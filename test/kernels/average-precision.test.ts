import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packBits } from "../../src/core/bits.js";
import type { Device } from "../../src/device/device.js";
import { averagePrecision } from "../../src/kernels/average-precision.js";
import { devices } from "../devices.js";
import { randomNormals, randomRows } from "../random.js";
import { averagePrecision as reference } from "../reference/average-precision.js";

describe.each(devices)("average precision on %s", (name, open) => {
  // Sums are float64 on native; on a GPU each quotient is a float32.
  const digits = name === "native" ? 12 : 6;
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("is 1 where all positive rows come first, and known the other way round", async () => {
    const { positive, negative } = await averagePrecision(
      device,
      Float32Array.of(4, 3, 2, 1),
      1,
      packBits([[true, true, false, false]]),
    );
    expect(positive[0]).toBeCloseTo(1, digits);
    expect(negative[0]).toBeCloseTo((1 / 3 + 2 / 4) / 2, digits);
  });

  test("takes equal scores as one threshold, −0 and 0 too", async () => {
    const labels = packBits([[true, false, false, true]]);
    const tied = await averagePrecision(device, Float32Array.of(0, -0, 0, 0), 1, labels);
    expect(tied.positive[0]).toBeCloseTo(1 / 2, digits);
    expect(tied.negative[0]).toBeCloseTo(1 / 2, digits);
    const half = await averagePrecision(device, Float32Array.of(1, 1, 0, 0), 1, labels);
    expect(half.positive[0]).toBeCloseTo(0.5 * 0.5 + 0.5 * 0.5, digits);
  });

  test.each([
    { rows: 2, columns: 1, concepts: 1, steps: 0 },
    { rows: 31, columns: 3, concepts: 2, steps: 2 },
    { rows: 33, columns: 2, concepts: 33, steps: 0 },
    { rows: 256, columns: 2, concepts: 5, steps: 4 },
    { rows: 257, columns: 2, concepts: 65, steps: 1 },
    { rows: 701, columns: 5, concepts: 7, steps: 8 },
    { rows: 90, columns: 40, concepts: 40, steps: 3 },
  ])(
    "matches the definition on $rows rows × $columns columns, $concepts concepts, 1/$steps apart",
    async ({ rows, columns, concepts, steps }) => {
      const x = randomNormals(rows * columns, rows).map((value) =>
        steps === 0 ? value : Math.round(value * steps) / steps,
      );
      const labels = randomRows(concepts, rows, 0.3, columns).map((row, i) => row.with(i % rows, true));
      const got = await averagePrecision(device, x, columns, packBits(labels));
      for (let column = 0; column < columns; column++) {
        const scores = [...x.subarray(column * rows, column * rows + rows)];
        labels.forEach((row, concept) => {
          const at = column * concepts + concept;
          expect(got.positive[at]).toBeCloseTo(reference(scores, row), digits);
          expect(got.negative[at]).toBeCloseTo(
            reference(
              scores.map((score) => -score),
              row,
            ),
            digits,
          );
        });
      }
    },
  );

  test("finds the planted column of every concept, and its sign", async () => {
    const rows = 500;
    const labels = randomRows(4, rows, 0.2, 9);
    const x = randomNormals(8 * rows, 10);
    labels.forEach((row, concept) => {
      row.forEach((on, k) => {
        if (on) x[(2 * concept + 1) * rows + k]! += concept % 2 === 0 ? 4 : -4;
      });
    });
    const { positive, negative } = await averagePrecision(device, x, 8, packBits(labels));
    for (let concept = 0; concept < 4; concept++) {
      const side = concept % 2 === 0 ? positive : negative;
      const scores = Array.from({ length: 8 }, (_, column) => side[column * 4 + concept]!);
      expect(scores.indexOf(Math.max(...scores))).toBe(2 * concept + 1);
      expect(Math.max(...scores)).toBeGreaterThan(0.95);
    }
  });

  test("refuses a concept without a positive row", async () => {
    const labels = packBits([
      [true, false],
      [false, false],
    ]);
    await expect(averagePrecision(device, Float32Array.of(1, 2), 1, labels)).rejects.toThrow(
      "Expected at least one positive row for concept 1 but received 0",
    );
  });

  test("names the row and column of a NaN", async () => {
    const wrong = averagePrecision(device, Float32Array.of(1, 2, 3, Number.NaN), 2, packBits([[true, false]]));
    await expect(wrong).rejects.toThrow("Expected a number for row 1 of column 1 but received NaN");
  });

  test("cuts what exceeds a binding or a dimension of workgroups", async () => {
    await using small = await open({ limits: { bindingBytes: 65_536, groupsPerDimension: 7 } });
    const x = randomNormals(60 * 200, 6);
    const labels = randomRows(35, 60, 0.4, 7);
    const got = await averagePrecision(small, x, 200, packBits(labels));
    for (let column = 0; column < 200; column += 9) {
      const scores = [...x.subarray(column * 60, column * 60 + 60)];
      for (const [concept, row] of labels.entries()) {
        expect(got.positive[column * 35 + concept]).toBeCloseTo(reference(scores, row), digits);
      }
    }
  });
});
