import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { exportActivations } from "../../src/activations/export.js";
import { openSource } from "../../src/activations/open.js";
import type { ActivationSource } from "../../src/activations/source.js";
import { npyHeader } from "../../src/core/npy.js";
import { readTensorFile } from "../../src/model/safetensors.js";
import { temporaryFolder } from "../temporary-folder.js";
import { collect, counting } from "./collect.js";
import { sourceOf } from "./in-memory.js";
import { tableOf } from "./table.js";

const folder = temporaryFolder();
const sites = [
  { name: "layers.0.residual", width: 2, offset: 0 },
  { name: "layers.1.mlp.hidden", width: 3, offset: 2 },
];
const values = counting(7, 5);
const table = tableOf("sentence", [0, 1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0, 0], [..."abcdefg"], {
  upos: [["NOUN"], ["VERB", "X"], null, null, null, null, []],
});
const halves: ActivationSource = { ...sourceOf(values, sites), dtype: "f16" };

describe("exporting", () => {
  it("a .npy file is a header and the numbers, float32 or the float16 of the source", async () => {
    const path = join(folder, "x.npy");
    await exportActivations(sourceOf(values, sites), path);
    expect(readFileSync(path)).toEqual(Buffer.concat([npyHeader("f4", [7, 5]), new Uint8Array(values.buffer)]));
    await exportActivations(halves, path);
    expect(readFileSync(path).length).toBe(128 + 70);
    expect(await collect(await openSource(path))).toEqual([...values]);
  });

  it("a .safetensors file has one tensor per site", async () => {
    const path = join(folder, "x.safetensors");
    for (const source of [sourceOf(values, sites, null, 2), halves]) {
      await exportActivations(source, path);
      const { tensors } = await readTensorFile(path);
      expect([...tensors.values()].map(({ name, shape }) => [name, shape])).toEqual([
        ["layers.0.residual", [7, 2]],
        ["layers.1.mlp.hidden", [7, 3]],
      ]);
      const opened = await openSource(path);
      expect(await collect(opened)).toEqual([...values]);
      expect(opened.sites).toEqual(sites);
    }
  });

  it("a .parquet file has the table of rows and a column per neuron", async () => {
    const path = join(folder, "x.parquet");
    await exportActivations(sourceOf(values, sites, table, 2), path);
    const bytes = new Uint8Array(readFileSync(path)).buffer;
    const rows = await parquetReadObjects({
      file: { byteLength: bytes.byteLength, slice: (a, b) => bytes.slice(a, b) },
    });
    expect(rows).toHaveLength(7);
    expect(rows[1]).toEqual({
      ...{ sentence: 1, position: 0, text: "b", upos: ["VERB", "X"] },
      ...{ "layers.0.residual:0": 2.5, "layers.0.residual:1": 3 },
      ...{ "layers.1.mlp.hidden:0": 3.5, "layers.1.mlp.hidden:1": 4, "layers.1.mlp.hidden:2": 4.5 },
    });
    await exportActivations(sourceOf(values, sites), path);
    expect(existsSync(path)).toBe(true);
  });

  it("tells how far it is", async () => {
    const told: number[] = [];
    const source = sourceOf(values, sites, null, 3);
    await exportActivations(source, join(folder, "told.npy"), { onProgress: (done) => told.push(done) });
    expect(told).toEqual([3, 6, 7]);
  });

  it.each([".npy", ".safetensors", ".parquet"])("to %s leaves nothing behind when it is stopped", async (ending) => {
    const path = join(folder, `stopped${ending}`);
    const stop = new AbortController();
    const source = sourceOf(values, sites, null, 2);
    const progress = { signal: stop.signal, onProgress: () => stop.abort() };
    await expect(exportActivations(source, path, progress)).rejects.toThrow(/abort/);
    expect(existsSync(path) || existsSync(`${path}.partial`)).toBe(false);
  });

  it.each([".npy", ".safetensors", ".parquet"])("to %s in a folder that is not there is refused", async (ending) => {
    const path = join(folder, `missing/x${ending}`);
    await expect(exportActivations(sourceOf(values, sites), path)).rejects.toThrow(
      `${path}: cannot be written because its folder does not exist`,
    );
  });

  it("to another ending is refused", async () => {
    await expect(exportActivations(sourceOf(values, sites), "x.csv")).rejects.toThrow(
      "x.csv: expected a name that ends in .npy, .safetensors, .json, .hdf5, .parquet",
    );
  });
});
