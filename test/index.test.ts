import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import * as neurometry from "../src/index.js";
import * as kernels from "../src/kernels/index.js";
import { methods } from "../src/methods/table.js";

const names = (face: object) => Object.keys(face).sort();

test("the library exports these names and no others", () => {
  expect(names(neurometry)).toMatchSnapshot();
  expect(names(neurometry.rank)).toMatchSnapshot("rank");
  expect(names(neurometry.group)).toMatchSnapshot("group");
  expect(names(neurometry.compare)).toMatchSnapshot("compare");
  expect(names(neurometry.ablate)).toMatchSnapshot("ablate");
});

test("the kernels export these names and no others", () => {
  expect(names(kernels)).toMatchSnapshot();
});

test("importing the library loads no native code: neither a device nor a tokenizer nor HDF5", () => {
  const program = `
    await import("neurometry");
    const shared = process.report.getReport().sharedObjects.filter((path) => /neurometry|dawn|tokenizers/.test(path));
    console.log(JSON.stringify(shared));
  `;
  const root = join(import.meta.dirname, "..");
  const node = spawnSync(process.execPath, ["--input-type=module", "-e", program], { cwd: root, encoding: "utf8" });
  expect(node.stderr).toBe("");
  expect(JSON.parse(node.stdout)).toEqual([]);
});

test("importing the library loads a few small files of it, and the rest when it is called", () => {
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const code = readFileSync(file, "utf8");
    const imports = code.matchAll(/^(?:import|export) (?!type)(?:[^;(]* from )?"(\.[^"]+)\.js"/gm);
    for (const [, target] of imports) load(join(dirname(file), `${target}.ts`));
  };
  load(join(import.meta.dirname, "../src/index.ts"));
  const files = [...loaded].map((file) => relative(join(import.meta.dirname, "../src"), file));
  expect(files).toContain("core/errors.ts");
  expect(files.length, files.join(", ")).toBeLessThan(20);
});

test("every method of the table is in the library under its own name", () => {
  const camelCase = (name: string) => name.replace(/-[a-z]/g, (letters) => letters.slice(1).toUpperCase());
  const faces = { rank: neurometry.rank, group: neurometry.group, compare: neurometry.compare };
  for (const { command, name } of methods) expect(faces[command]).toHaveProperty(camelCase(name));
});

test("the program of the README runs", async () => {
  const { ablate, activations, loadModel, openDevice, rank, readCorpus, top } = neurometry;
  const demo = join(import.meta.dirname, "../src/demo");
  const submitsBefore = await (async () => {
    await using device = await openDevice("native");
    await using model = await loadModel(join(demo, "models/llama"), { device });
    const corpus = await readCorpus(join(demo, "corpus/test.conllu"));
    const words = await activations(model, corpus, { sites: "layers.*.residual", rows: "word", pool: "last" });
    const nouns = await rank.averagePrecision(words, { concept: "upos=NOUN" });
    const curve = await ablate.ranking(model, corpus, nouns, { value: "mean", metric: "loss", fractions: [0, 0.2] });
    expect(top(nouns, 5)[0]).toMatch(/^layers\.\d\.residual:\d+$/);
    expect(curve.values.top[1]).toBeGreaterThan(curve.values.baseline);
    return device.submits;
  })();
  expect(submitsBefore).toBeGreaterThan(0);
});
