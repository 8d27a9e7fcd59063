import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exportActivations } from "../../src/activations/export.js";
import { openSource } from "../../src/activations/open.js";
import { ResumableStore } from "../../src/activations/resumable-store.js";
import { writeStore } from "../../src/activations/store-writer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { collect, counting } from "./collect.js";
import { sourceOf } from "./in-memory.js";
import { tableOf } from "./table.js";

const folder = temporaryFolder();
const sites = [{ name: "layers.0.residual", width: 4, offset: 0 }];
const table = tableOf("word", [0, 0, 1], [0, 1, 0], ["a", "b", "c"], { upos: ["X", "Y", "Z"] });
const source = sourceOf(counting(3, 4), sites, table);

describe("opening activations", () => {
  it.each(["x.npy", "X.SafeTensors", "x.json", "x.hdf5", "store"])("knows %s by its name", async (name) => {
    const path = join(folder, name);
    if (name === "store") await writeStore(source, path);
    else await exportActivations(source, path);
    const opened = await openSource(path);
    expect(opened.name).toBe(path);
    expect(await collect(opened)).toEqual([...counting(3, 4)]);
    const beside = await openSource(
      path,
      tableOf("word", [0, 0, 1], [0, 1, 0], ["a", "b", "c"], { upos: ["1", "2", "3"] }),
    );
    expect(beside.table?.column("upos")).toEqual(["1", "2", "3"]);
    await expect(openSource(path, tableOf("word", [0], [0], ["a"], {}))).rejects.toThrow(
      `${path}: expected as many rows as its corpus has (1) but it has 3`,
    );
  });

  it("refuses what is not there, of another kind, cut short, or no store", async () => {
    await expect(openSource(join(folder, "nowhere"))).rejects.toThrow("nowhere: there is no such file or store");
    await expect(openSource(join(folder, "nowhere.npy"))).rejects.toThrow("nowhere.npy: there is no such file");
    writeFileSync(join(folder, "x.csv"), "1,2");
    await expect(openSource(join(folder, "x.csv"))).rejects.toThrow(
      "x.csv: expected a store or a file that ends in .npy, .safetensors, .json, .hdf5",
    );
    mkdirSync(join(folder, "photos"));
    await expect(openSource(join(folder, "photos"))).rejects.toThrow("photos: is not an activation store");
    const job = { rows: 3, dtype: "f32", sites, model: null, corpus: null, table: false, options: {} } as const;
    await (await ResumableStore.open(join(folder, "begun"), job, null))[Symbol.asyncDispose]();
    await expect(openSource(join(folder, "begun"))).rejects.toThrow("begun: was cut short while it was written");
    await expect(openSource(join(folder, "begun.partial"))).rejects.toThrow("was cut short while it was written");
  });
});
