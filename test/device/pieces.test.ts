import { describe, expect, test } from "vitest";
import { resolve } from "../../src/device/check.js";
import { describeKernel } from "../../src/device/kernel.js";
import { boundBytes, cut, fold } from "../../src/device/pieces.js";
import { Recorder } from "../../src/device/plan.js";

const wide = { bindingBytes: 2 ** 40, groupsPerDimension: 65_535 };

describe("fold", () => {
  test("is one line where that fits", () => {
    expect(fold(7, { ...wide, groupsPerDimension: 7 })).toEqual([{ first: 0, grid: [7, 1, 1] }]);
  });

  test("is nothing for no groups", () => {
    expect(fold(0, wide)).toEqual([]);
  });

  test.each([8, 49, 50, 343, 344, 1000])("covers each of %i groups once with at most 7 a dimension", (groups) => {
    const seen = new Set<number>();
    for (const { first, grid } of fold(groups, { ...wide, groupsPerDimension: 7 })) {
      expect(Math.max(...grid)).toBeLessThanOrEqual(7);
      for (let i = 0; i < grid[0] * grid[1] * grid[2]; i++) {
        expect(seen.has(first + i)).toBe(false);
        seen.add(first + i);
      }
    }
    for (let i = 0; i < groups; i++) expect(seen.has(i)).toBe(true);
  });
});

const outer = describeKernel({
  name: "outer",
  operands: {
    a: { type: "f32", access: "read" },
    b: { type: "f32", access: "read" },
    out: { type: "f32", access: "write" },
  },
  parameters: { m: "u32", n: "u32" },
  groups: ({ m, n }) => m * n,
  axes: { m: { a: 0, out: 0 }, n: { b: 0, out: 1 } },
});

/** out[m × n] from a[m × 100] and b[n × 100]. */
function outerStep(m: number, n: number) {
  const plan = new Recorder();
  const a = plan.external("a", "f32", [m, 100]);
  const b = plan.external("b", "f32", [n, 100]);
  const out = plan.external("out", "f32", [m, n]);
  plan.record(outer, { a, b, out }, { m, n });
  const buffer = { bytes: 2 ** 40 };
  const buffers = { a: buffer, b: buffer, out: buffer };
  return { step: plan.steps[0]!, resolved: resolve(plan, { buffers: buffers as never }) };
}

describe("cut", () => {
  test("leaves alone what fits", () => {
    const { step, resolved } = outerStep(10, 20);
    expect(cut(step, resolved, wide)).toHaveLength(1);
  });

  test.each([
    [1000, 1000],
    [3, 5000],
    [5000, 3],
    [997, 641],
  ])("covers each cell of %i × %i once, with bindings of at most 64 KiB", (m, n) => {
    const { step, resolved } = outerStep(m, n);
    const seen = new Uint8Array(m * n);
    for (const { parameters, windows } of cut(step, resolved, { ...wide, bindingBytes: 65_536 })) {
      const [rows, columns] = parameters as [number, number];
      const [a, b, out] = windows as [{ start: number }, { start: number }, { start: number; span: number }];
      for (const window of windows) expect(boundBytes(window!)).toBeLessThanOrEqual(65_536);
      expect(out.start).toBe((a.start / 100) * n + b.start / 100);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) seen[out.start + i * n + j]! += 1;
      }
    }
    expect(seen.every((times) => times === 1)).toBe(true);
  });

  test("says how much one binding would have to hold where no axis helps", () => {
    const { step, resolved } = outerStep(1, 1);
    expect(() => cut(step, resolved, { ...wide, bindingBytes: 256 })).toThrow(
      /outer needs 400 bytes of a at once and one binding holds 256/,
    );
  });
});
