import { describe, expect, test } from "vitest";
import { methods } from "../../src/methods/table.js";

describe("the table of methods", () => {
  test("names every method once", () => {
    const names = methods.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(["average-precision", "iou", "probeless", "variance", "correlation-clusters"]),
    );
  });

  test.each(methods.map((method) => [method.name, method] as const))("loads %s", async (_, { load, summary }) => {
    expect(typeof (await load())).toBe("function");
    expect(summary).toMatch(/^[A-Z].*\.$/);
  });
});
