import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { File, ready } from "h5wasm/node";
import { describe, expect, it } from "vitest";
import { openNeuroxHdf5 } from "../../src/activations/neurox-hdf5.js";
import { writeNeuroxHdf5 } from "../../src/activations/neurox-hdf5-writer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { collect, counting } from "./collect.js";
import { sourceOf } from "./in-memory.js";
import { tableOf } from "./table.js";

const folder = temporaryFolder();
await ready;

type Sentence = readonly [name: string, shape: number[], data: Float32Array | Float64Array];

/** A file as NeuroX writes it: layers × tokens × width for each sentence. */
function write(name: string, index: string | null, ...sentences: Sentence[]): string {
  const path = join(folder, name);
  const file = new File(path, "w");
  for (const [dataset, shape, data] of sentences) file.create_dataset({ name: dataset, data, shape });
  if (index !== null) file.create_dataset({ name: "sentence_to_index", data: [index], shape: [1], dtype: "S" });
  file.close();
  return path;
}

const two: Sentence[] = [
  ["0", [2, 1, 2], Float32Array.of(0, 1, 10, 11)],
  ["1", [2, 2, 2], Float64Array.of(2, 3, 4, 5, 12, 13, 14, 15)],
];

describe("a NeuroX HDF5 file", () => {
  it("is read as rows of words with their sentences, one site a layer", async () => {
    const path = write("two.hdf5", '{"one": "0", "1984 ü": "1"}', ...two);
    const source = await openNeuroxHdf5(path);
    expect(source.sites.map(({ name }) => name)).toEqual(["layers.0.residual", "layers.1.residual"]);
    expect(source.table).toMatchObject({ kind: "word", text: ["one", "1984", "ü"] });
    const values = [0, 1, 10, 11, 2, 3, 12, 13, 4, 5, 14, 15];
    for (const blockRows of [1, 2, 3]) expect(await collect(source, { blockRows })).toEqual(values);
    expect(await collect(source, { firstRow: 1 })).toEqual(values.slice(4));
  });

  it("has no table where words and rows do not match", async () => {
    const source = await openNeuroxHdf5(write("words.hdf5", '{"one": "0", "New York now": "1"}', ...two));
    expect(source.table).toBeNull();
    expect(source.rows).toBe(3);
  });

  it("that was written is read back, with repeated sentences and one that looks like a number in their order", async () => {
    const words = ["a", "b", "1984", "a", "b"];
    const table = tableOf("word", [0, 0, 1, 2, 2], [0, 1, 0, 0, 1], words, {});
    const sites = [
      { name: "layers.3.residual", width: 3, offset: 0 },
      { name: "layers.5.residual", width: 3, offset: 3 },
    ];
    const values = counting(5, 6);
    const path = join(folder, "written.hdf5");
    await writeNeuroxHdf5(path, sourceOf(values, sites, table, 2));
    const source = await openNeuroxHdf5(path);
    expect(await collect(source)).toEqual([...values]);
    expect(source.sites).toEqual(sites);
    expect(source.table?.text).toEqual(words);
    const file = new File(path, "r");
    const index = file.get("sentence_to_index");
    expect(index && "value" in index ? index.value : null).toEqual([
      '{"a b": "0", "1984": "1", "a b (Occurrence 2)": "2"}',
    ]);
    file.close();
  });

  it("of float16, as h5py writes it, is widened", async () => {
    const path = fileURLToPath(new URL("../fixtures/neurox-float16.hdf5", import.meta.url));
    const source = await openNeuroxHdf5(path);
    expect(await collect(source)).toEqual([0.5, 1, 2, -3, 0, 1, 4, 5, 2, 3, 6, 7]);
    expect(source.table?.text).toEqual(["one", "two", "three"]);
  });

  it("that is no HDF5 file, or not what NeuroX writes, is refused", async () => {
    const text = join(folder, "text.hdf5");
    writeFileSync(text, "not HDF5 at all");
    await expect(openNeuroxHdf5(text)).rejects.toThrow(`${text}: is not an HDF5 file`);
    await expect(openNeuroxHdf5(join(folder, "nowhere.hdf5"))).rejects.toThrow("there is no such file");
    await expect(openNeuroxHdf5(write("bare.hdf5", null, ...two))).rejects.toThrow(
      "is not a NeuroX file: it has no text sentence_to_index",
    );
    await expect(openNeuroxHdf5(write("lost.hdf5", '{"a": "0", "b": "7"}', ...two))).rejects.toThrow(
      "expected a dataset 7 as sentence_to_index says but there is none",
    );
    await expect(openNeuroxHdf5(write("none.hdf5", "{}"))).rejects.toThrow("is empty: it holds no sentence");
    const flat: Sentence = ["1", [2, 2], new Float32Array(4)];
    await expect(openNeuroxHdf5(write("flat.hdf5", '{"a": "0", "b": "1"}', two[0]!, flat))).rejects.toThrow(
      "expected layers × tokens × width for dataset 1 but its shape is (2, 2)",
    );
    const wide: Sentence = ["1", [2, 1, 3], new Float32Array(6)];
    await expect(openNeuroxHdf5(write("wide.hdf5", '{"a": "0", "b": "1"}', two[0]!, wide))).rejects.toThrow(
      "expected 2 layers of 2 for dataset 1 but it has 2 of 3",
    );
  });

  it("is not written where it cannot be, and nothing is left behind", async () => {
    const table = tableOf("word", [0], [0], ["a"], {});
    const sites = [{ name: "layers.0.residual", width: 2, offset: 0 }];
    const missing = join(folder, "missing/out.hdf5");
    await expect(writeNeuroxHdf5(missing, sourceOf(counting(1, 2), sites, table))).rejects.toThrow(
      `${missing}: cannot be written because its folder does not exist`,
    );
    const path = join(folder, "aborted.hdf5");
    await expect(writeNeuroxHdf5(path, sourceOf(counting(1, 2), sites, table), AbortSignal.abort())).rejects.toThrow(
      /abort/,
    );
    expect(existsSync(`${path}.partial`)).toBe(false);
  });
});
