import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const peers = join(import.meta.dirname, "../bench/peers");
const scripts = [peers, join(peers, "fixtures")].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".py"))
    .map((name) => join(folder, name)),
);

/** The names that a script takes from modules beside it: `from .common import Sites, pack`, or in brackets over lines. */
function imports(script: string): { module: string; names: string[] }[] {
  const text = readFileSync(script, "utf8");
  return [...text.matchAll(/^from (\.?)([\w.]+) import (?:\(([^)]+)\)|(.+))$/gm)]
    .map(([, dot, path = "", within, line = ""]) => ({
      module: join(dot === "." ? dirname(script) : peers, path.replaceAll(".", "/")),
      names: (within ?? line).split(",").map((name) => name.trim().split(" ")[0]!).filter((name) => name !== ""), // biome-ignore format: one line
    }))
    .filter(({ module }) => existsSync(`${module}.py`) || existsSync(module));
}

/** Whether a module of Python has a name: a class, a function, a variable alone or among others, or, of a folder, a file. */
function has(module: string, name: string): boolean {
  if (!existsSync(`${module}.py`)) return existsSync(join(module, `${name}.py`));
  const said = new RegExp(`^(class|def) ${name}\\b|^[\\w, ]*\\b${name}\\b[\\w, ]*=|^(from|import) .*\\b${name}\\b`, "m"); // biome-ignore format: one line
  return said.test(readFileSync(`${module}.py`, "utf8"));
}

test("the peers' scripts take names from each other that are there", () => {
  const all = scripts.flatMap((script) => imports(script).map((taken) => ({ script, ...taken })));
  expect(all.length).toBeGreaterThan(10);
  const missing = all.flatMap(({ script, module, names }) =>
    names.filter((name) => !has(module, name)).map((name) => `${script}: ${name} of ${module}`),
  );
  expect(missing).toEqual([]);
});
