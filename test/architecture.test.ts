import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { expect, test } from "vitest";

/** A folder of src/ may import itself and the folders above it in this list, nothing else. */
const order = [
  "core",
  "device",
  "kernels",
  "model",
  "corpus",
  "activations",
  "methods",
  "evaluation",
  "applications",
  "reports",
  "cluster",
  "cli",
  "index.ts",
  "cli.ts",
];

const src = join(import.meta.dirname, "../src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

/** The folder of src/, or the file directly in it, that a path belongs to. */
function houseOf(path: string): number {
  return order.indexOf(path.split("/")[0]!.replace(/\.js$/, ".ts"));
}

test.each(files)("src/%s imports only what stands above it", (file) => {
  const from = houseOf(file);
  expect(from, `${file} is in none of ${order.join(", ")}`).not.toBe(-1);
  for (const target of importsOf(file)) {
    const to = houseOf(target);
    expect(to, `${file} imports ${target}`).not.toBe(-1);
    expect(to, `${file} imports ${target}`).toBeLessThanOrEqual(from);
  }
});

test("finds the files it checks", () => expect(files.length).toBeGreaterThan(5));

/** Static and dynamic imports of other files of ours, relative to src/. */
function importsOf(file: string): string[] {
  const code = readFileSync(join(src, file), "utf8");
  const specifiers = [...code.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => match[1]!);
  return specifiers.map((specifier) => relative(src, normalize(join(src, dirname(file), specifier))));
}
