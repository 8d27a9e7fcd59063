import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { accumulate } from "../../src/activations/accumulate.js";
import { moments } from "../../src/activations/accumulators/moments.js";
import { selectFrom } from "../../src/activations/selected-source.js";
import { openStore } from "../../src/activations/store.js";
import { writeStore } from "../../src/activations/store-writer.js";
import { openTestDevice } from "../devices.js";
import { temporaryFolder } from "../temporary-folder.js";
import { collect } from "./collect.js";
import { sourceOf } from "./in-memory.js";
import { tableOf } from "./table.js";

const folder = temporaryFolder();
const sites = [
  { name: "embed", width: 1, offset: 0 },
  { name: "layers.0.residual", width: 2, offset: 1 },
  { name: "layers.1.residual", width: 1, offset: 3 },
];
const table = tableOf("word", [0, 0, 1], [0, 1, 0], ["a", "b", "c"], {});
const source = sourceOf(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), sites, table);

describe("some sites of a source", () => {
  it("have their columns side by side, the rows and the table of the source", async () => {
    const some = selectFrom(source, "layers.1.residual,embed");
    expect(some.sites).toEqual([
      { name: "embed", width: 1, offset: 0 },
      { name: "layers.1.residual", width: 1, offset: 1 },
    ]);
    expect(some).toMatchObject({ rows: 3, columns: 2, table });
    expect(await collect(some, { blockRows: 2 })).toEqual([0, 3, 4, 7, 8, 11]);
    expect(await collect(some, { firstRow: 2 })).toEqual([8, 11]);
  });

  it("are read on a device, and have the fingerprint of their own numbers", async () => {
    const path = join(folder, "store");
    await writeStore(source, path);
    const some = selectFrom(await openStore(path), "layers.*.residual");
    await using device = await openTestDevice("native");
    expect([...(await accumulate(some, device, moments())).mean]).toEqual([5, 6, 7]);
    const values = Float32Array.of(1, 2, 3, 5, 6, 7, 9, 10, 11);
    const activations = createHash("sha256").update(values).digest("hex");
    expect(await some.provenance()).toEqual({ model: "m", corpus: "f", activations });
  });

  it("are the source itself where all are chosen, and refused where none is", () => {
    expect(selectFrom(source, "embed,layers.*")).toBe(source);
    expect(() => selectFrom(source, "layers.7.residual")).toThrow('but received "layers.7.residual"');
  });
});
