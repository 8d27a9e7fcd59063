import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as neurometry from "../src/index.js";
import * as kernels from "../src/kernels/index.js";

const names = (face: object) => Object.keys(face).sort();

test("the library exports these names and no others", () => {
  expect(names(neurometry)).toMatchSnapshot();
  expect(names(neurometry.rank)).toMatchSnapshot("rank");
  expect(names(neurometry.ablate)).toMatchSnapshot("ablate");
});

test("the kernels export these names and no others", () => {
  expect(names(kernels)).toMatchSnapshot();
});

test("importing the library takes little, and loads no native code: neither a device nor a tokenizer nor HDF5", () => {
  const program = `
    const start = process.cpuUsage();
    await import("neurometry");
    const { user, system } = process.cpuUsage(start);
    const shared = process.report.getReport().sharedObjects.filter((path) => /neurometry|dawn|tokenizers/.test(path));
    console.log(JSON.stringify({ milliseconds: (user + system) / 1000, shared }));
  `;
  const root = join(import.meta.dirname, "..");
  const node = spawnSync(process.execPath, ["--input-type=module", "-e", program], { cwd: root, encoding: "utf8" });
  expect(node.stderr).toBe("");
  const { milliseconds, shared } = JSON.parse(node.stdout) as { milliseconds: number; shared: string[] };
  expect(shared).toEqual([]);
  expect(milliseconds).toBeLessThan(300); // .1 s on a quiet machine; tests run beside others
});
