import { describe, expect, it } from "vitest";
import { Recorder } from "../../src/device/plan.js";
import { PlanInputs } from "../../src/model/plan-inputs.js";

describe("the inputs of a plan", () => {
  const inputs = new PlanInputs({ ids: 65, none: 0, table: 16 });

  it("lie side by side, each on 256 bytes", () => {
    expect(inputs.elements).toBe(128 + 64 + 64);
    const external = inputs.external(new Recorder());
    expect(inputs.window(external, "table").offset.constant).toBe(192);
    const matrix = inputs.window(external, "table", [2, 8]);
    expect([matrix.shape, matrix.strides]).toEqual([[2, 8], [8, 1]]); // biome-ignore format: pairs
  });

  it("are filled field by field, with 0 behind", () => {
    const all = inputs.fill({ ids: [7, 8], table: Uint32Array.of(9) });
    expect([all[0], all[1], all[2], all[192], all[193]]).toEqual([7, 8, 0, 9, 0]);
    expect(inputs.fill({})).toEqual(new Uint32Array(256));
  });
});
