import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const list = (folder: string, ending: string) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { encoding: "utf8" }).filter((file) => file.endsWith(ending))
    : [];

const describesOne = (file: string) =>
  readFileSync(join(root, "src/kernels", file), "utf8").includes("describeKernel(");
const stems = new Set([
  ...list("src/kernels", ".ts")
    .filter(describesOne)
    .map((file) => basename(file, ".ts")),
  ...list("shaders", ".wgsl").map((file) => basename(file, ".wgsl")),
  ...list("native/kernels", ".cpp").map((file) => basename(file, ".cpp")),
]);
for (const runtime of ["pool", "cpu"]) stems.delete(runtime);

describe("a kernel has every one of its files", () => {
  test.each([...stems].sort())("%s", (stem) => {
    const files = [
      `src/kernels/${stem}.ts`,
      `native/kernels/${stem}.cpp`,
      `shaders/${stem}.wgsl`,
      `test/reference/${stem}.ts`,
      `test/kernels/${stem}.test.ts`,
      `bench/kernels/${stem}.bench.ts`,
    ];
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe("names", () => {
  test.each(["src", "test", "bench", "native", "shaders"])(
    "%s has no junk drawer and only kebab-case names",
    (folder) => {
      const drawers = /^(utils?|helpers?|common|misc|types|manager)(\.|$)/;
      const names = namesIn(folder);
      expect(names.filter((name) => drawers.test(name))).toEqual([]);
      expect(names.filter((name) => !/^[a-z0-9][a-z0-9.-]*$/.test(name))).toEqual([]);
    },
  );
});

/** Names of all files and folders inside a folder, without fixtures, Python and generated trees. */
function namesIn(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (["fixtures", "peers", "node_modules", "demo", "__snapshots__"].includes(entry.name)) return [];
    return entry.isDirectory() ? [entry.name, ...namesIn(join(folder, entry.name))] : [entry.name];
  });
}
