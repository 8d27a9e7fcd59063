import { existsSync, readdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ActivationSource, Block, BlockOptions } from "../../src/activations/source.js";
import { openStore } from "../../src/activations/store.js";
import { writeStore } from "../../src/activations/store-writer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { collect, counting } from "./collect.js";
import { sourceOf } from "./in-memory.js";
import { tableOf } from "./table.js";

const folder = temporaryFolder();
const sites = [{ name: "layers.0.residual", width: 4, offset: 0 }];
const rows = Array.from({ length: 11 }, (_, row) => row);
const table = tableOf("word", rows, rows, rows.map(String), { upos: rows.map((row) => (row % 2 ? "NOUN" : null)) });
const source = sourceOf(counting(11, 4), sites, table, 3);

function contents(path: string): Record<string, string> {
  const names = readdirSync(path).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(path, name)).toString("base64")]));
}

/** The same source, which asks `stop` before every block. */
function interrupted(stop: (firstRow: number) => void, from: ActivationSource = source): ActivationSource {
  async function* blocks(options?: BlockOptions): AsyncGenerator<Block> {
    for await (const block of from.blocks(options)) {
      stop(block.firstRow);
      yield block;
    }
  }
  return { ...from, blocks };
}

describe("writing a source to a store", () => {
  it("keeps its numbers, sites, rows and origin, and tells how far it is", async () => {
    const path = join(folder, "whole");
    const told: number[] = [];
    await writeStore(source, path, {}, { onProgress: (done, total) => told.push(done, total) });
    const store = await openStore(path);
    expect(await collect(store)).toEqual([...counting(11, 4)]);
    expect(store.sites).toEqual(sites);
    expect(store.table?.column("upos")).toEqual(table.column("upos"));
    expect(await store.provenance()).toMatchObject({ model: "m", corpus: "f" });
    expect(told.slice(0, 2)).toEqual([0, 11]);
    expect(told.slice(-2)).toEqual([11, 11]);
  });

  it("does nothing the second time", async () => {
    const path = join(folder, "twice");
    await writeStore(source, path);
    const before = statSync(join(path, "index.json")).mtimeMs;
    const never = interrupted(() => {
      throw new Error("read again");
    });
    await writeStore(never, path);
    expect(statSync(join(path, "index.json")).mtimeMs).toBe(before);
  });

  it("writes a finished store anew that was cut since", async () => {
    const path = join(folder, "cut");
    await writeStore(source, path, { shardRows: 5 });
    const whole = contents(path);
    truncateSync(join(path, "activations-00001.safetensors"), 100);
    await expect(openStore(path)).rejects.toThrow(/activations-00001\.safetensors: is cut short/);
    await writeStore(source, path, { shardRows: 5 });
    expect(contents(path)).toEqual(whole);
  });

  it("is continued by the same call after an abort, with the same bytes", async () => {
    await writeStore(source, join(folder, "straight"), { shardRows: 2 });
    const path = join(folder, "stopped");
    const stop = new AbortController();
    const aborting = interrupted((row) => {
      if (row >= 6) stop.abort();
    });
    await expect(writeStore(aborting, path, { shardRows: 2 }, { signal: stop.signal })).rejects.toThrow(/abort/);
    expect(existsSync(path)).toBe(false);
    const read: number[] = [];
    await writeStore(
      interrupted((row) => read.push(row)),
      path,
      { shardRows: 2 },
    );
    expect(read[0]).toBe(8);
    expect(contents(path)).toEqual(contents(join(folder, "straight")));
  });

  it("continues a source that can only begin at its first row", async () => {
    const path = join(folder, "whole-passes");
    const stop = new AbortController();
    const first = interrupted((row) => {
      if (row >= 6) stop.abort();
    });
    await expect(writeStore(first, path, { shardRows: 2 }, { signal: stop.signal })).rejects.toThrow(/abort/);
    const fromStart: ActivationSource = { ...source, blocks: () => source.blocks() };
    await writeStore(fromStart, path, { shardRows: 2 });
    expect(contents(path)).toEqual(contents(join(folder, "straight")));
  });

  it("keeps float16 on request, and a store of another job on its place", async () => {
    const path = join(folder, "halves");
    await writeStore(source, path, { dtype: "f16" });
    expect((await openStore(path)).dtype).toBe("f16");
    await expect(writeStore(source, path)).rejects.toThrow("holds activations of another job");
    await writeStore(source, path, { existing: "replace" });
    expect((await openStore(path)).dtype).toBe("f32");
  });

  it("leaves nothing behind where a number is not finite", async () => {
    const values = counting(11, 4);
    values[30] = NaN;
    const path = join(folder, "nan");
    await expect(writeStore(sourceOf(values, sites, table), path)).rejects.toThrow(
      "Expected finite activations for row 7 of layers.0.residual:2 but received NaN",
    );
    expect(existsSync(path) || existsSync(`${path}.partial`)).toBe(false);
  });

  it("refuses a source without rows", async () => {
    const empty = sourceOf(new Float32Array(0), sites);
    await expect(writeStore(empty, join(folder, "empty"))).rejects.toThrow("Expected at least one row for source");
  });
});
