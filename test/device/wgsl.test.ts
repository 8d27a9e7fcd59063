import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadShader, parseShader, snakeCase } from "../../src/device/wgsl.js";

test("the fields of struct Params are read in order, with their types", () => {
  const shader = parseShader(
    "k",
    "struct Params { rows: u32, // how many\n epsilon: f32, }\noverride causal: u32 = 0;",
  );
  expect(shader.fields).toEqual([
    { name: "rows", type: "u32" },
    { name: "epsilon", type: "f32" },
  ]);
  expect(shader.overrides).toEqual(["causal"]);
});

test("a field that the host cannot fill is refused by name", () => {
  expect(() => parseShader("k", "struct Params { size: vec2u }")).toThrow("neither u32 nor f32: size: vec2u");
});

test("names change from camelCase to snake_case", () => {
  expect(snakeCase("rowsPerHead")).toBe("rows_per_head");
});

const shaders = readdirSync(join(import.meta.dirname, "../../shaders")).filter((file) => file.endsWith(".wgsl"));

test.each(shaders)("%s numbers its workgroups along one line", (file) => {
  const { fields, code } = loadShader(file.replace(".wgsl", ""));
  expect(fields.map(({ name }) => name)).toContain("group_offset");
  expect(code).toContain("group_index(");
});
