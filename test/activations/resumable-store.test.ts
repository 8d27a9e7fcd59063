import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ResumableStore, type StoreOptions } from "../../src/activations/resumable-store.js";
import { openStore } from "../../src/activations/store.js";
import type { StoreJob } from "../../src/activations/store-index.js";
import { readTensorFile } from "../../src/model/safetensors.js";
import { temporaryFolder } from "../temporary-folder.js";
import { collect, counting } from "./collect.js";
import { tableOf } from "./table.js";

const folder = temporaryFolder();
const sites = [
  { name: "layers.0.residual", width: 2, offset: 0 },
  { name: "layers.1.residual", width: 3, offset: 2 },
];

function job(rows: number, changes: Partial<StoreJob> = {}): StoreJob {
  return { rows, dtype: "f32", sites, model: "m", corpus: "c", table: false, options: { rows: "word" }, ...changes };
}

/** Writes rows × 5 numbers, `piece` rows at a time. */
async function write(path: string, values: Float32Array, piece: number, asked: StoreJob, options?: StoreOptions) {
  await using writer = await ResumableStore.open(path, asked, null, options);
  for (let at = writer.rowsDone * 5; at < values.length; at += piece * 5) {
    await writer.append(values.subarray(at, at + piece * 5));
  }
  return writer.finish();
}

function contents(path: string): Record<string, string> {
  const names = readdirSync(path).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(path, name)).toString("base64")]));
}

describe("a store", () => {
  it("gives back what was appended, in blocks of any size, whatever the size of its shards and appends", async () => {
    const values = counting(33, 5);
    const fingerprint = createHash("sha256").update(values).digest("hex");
    for (const [piece, shardRows] of [
      [1, 33],
      [7, 32],
      [33, 1],
      [5, 10],
      [33, 100],
    ] as const) {
      const path = join(folder, `whole-${piece}-${shardRows}`);
      expect(await write(path, values, piece, job(33), { shardRows })).toBe(fingerprint);
      const source = await openStore(path);
      expect(source).toMatchObject({ name: path, rows: 33, columns: 5, sites, table: null });
      expect(await collect(source)).toEqual([...values]);
      for (const blockRows of [1, 4, 10, 32]) expect(await collect(source, { blockRows })).toEqual([...values]);
      expect(await collect(source, { blockRows: 4, firstRow: 9 })).toEqual([...values.subarray(45)]);
      expect(await source.provenance()).toEqual({ model: "m", corpus: "c", activations: fingerprint });
      expect(existsSync(`${path}.partial`)).toBe(false);
    }
  });

  it("is made of safetensors files whose numbers start at a multiple of 64 bytes", async () => {
    const path = join(folder, "shards");
    await write(path, counting(7, 5), 7, job(7), { shardRows: 4 });
    const { tensors } = await readTensorFile(join(path, "activations-00001.safetensors"));
    expect([...tensors.values()]).toMatchObject([{ name: "activations", type: "F32", shape: [3, 5] }]);
    expect(tensors.get("activations")?.byteOffset).toBe(
      readFileSync(join(path, "activations-00001.safetensors")).length - 60,
    );
    expect((tensors.get("activations")?.byteOffset ?? 1) % 64).toBe(0);
  });

  it("keeps half precision in half the bytes, with the fingerprint of what a reader sees", async () => {
    const path = join(folder, "halves");
    const values = Float32Array.of(1, 0.1, -65504, 2 ** -24, 3, 1, 2, 3, 4, 5);
    const fingerprint = await write(path, values, 1, job(2, { dtype: "f16" }));
    const source = await openStore(path);
    const read = await collect(source);
    expect(read).toEqual([1, 0.0999755859375, -65504, 2 ** -24, 3, 1, 2, 3, 4, 5]);
    expect(fingerprint).toBe(createHash("sha256").update(Float32Array.from(read)).digest("hex"));
    const wide = Float32Array.of(1, 2, 3, 65505, 5);
    await expect(write(join(folder, "wide"), wide, 1, job(1, { dtype: "f16" }))).rejects.toThrow(
      "Expected activations within ±65504 (f16) for row 0 of layers.1.residual:1 but received 65505",
    );
  });

  it("keeps the table of its rows", async () => {
    const path = join(folder, "table");
    const table = tableOf("word", [0, 0], [0, 1], ["a", "b"], { upos: ["X", null] });
    await using writer = await ResumableStore.open(path, job(2, { table: true }), table);
    await writer.append(counting(2, 5));
    await writer.finish();
    const source = await openStore(path);
    expect(source.table?.column("upos")).toEqual(["X", null]);
    expect(source.table?.text).toEqual(["a", "b"]);
  });

  it("names the row and the neuron of a NaN and of an infinity", async () => {
    const values = counting(3, 5);
    values[11] = NaN;
    await expect(write(join(folder, "nan"), values, 3, job(3))).rejects.toThrow(
      "Expected finite activations for row 2 of layers.0.residual:1 but received NaN",
    );
    values[11] = 0;
    values[7] = -Infinity;
    await expect(write(join(folder, "inf"), values, 1, job(3))).rejects.toThrow(
      "Expected finite activations for row 1 of layers.1.residual:0 but received -Infinity",
    );
  });
});

describe("a store that was cut short", () => {
  it("says so, and is continued with whole shards kept and the same bytes", async () => {
    const values = counting(20, 5);
    await write(join(folder, "straight"), values, 3, job(20), { shardRows: 6 });
    for (const rows of [0, 2, 6, 13, 18, 19]) {
      const path = join(folder, `cut-${rows}`);
      const first = await ResumableStore.open(path, job(20), null, { shardRows: 6 });
      await first.append(values.subarray(0, rows * 5));
      await first[Symbol.asyncDispose]();
      const reason = `${path}: was cut short while it was written: the command that began it continues it`;
      await expect(openStore(path)).rejects.toThrow(reason);
      await using second = await ResumableStore.open(path, job(20), null, { shardRows: 6 });
      expect(second.rowsDone).toBe(Math.floor(rows / 6) * 6);
      await second.append(values.subarray(second.rowsDone * 5));
      await second.finish();
      expect(contents(path)).toEqual(contents(join(folder, "straight")));
    }
  });

  it("by a kill is continued with the same bytes, and by a second one", async () => {
    const program = fileURLToPath(new URL("../fixtures/write-store.mjs", import.meta.url));
    const write = (name: string, ...ends: string[]) =>
      once(spawn(process.execPath, [program, join(folder, name), "60", "8", "10", ...ends]), "exit");
    const path = join(folder, "killed");
    for (const [row, shards] of [
      ["25", 2],
      ["40", 4],
    ] as const) {
      expect(await write("killed", row)).toEqual([null, "SIGKILL"]);
      expect(readdirSync(`${path}.partial`).filter((name) => /^activations-\d+\.safetensors$/.test(name))).toHaveLength(
        shards,
      );
      await expect(openStore(path)).rejects.toThrow("was cut short");
    }
    expect(await write("killed")).toEqual([0, null]);
    expect(await write("never-killed")).toEqual([0, null]);
    expect(contents(path)).toEqual(contents(join(folder, "never-killed")));
    expect((await openStore(path)).rows).toBe(60);
  });

  it("of another job is refused, and replaced on request", async () => {
    const path = join(folder, "other");
    const first = await ResumableStore.open(path, job(2, { model: "m1" }), null);
    await first[Symbol.asyncDispose]();
    const reason = `${path}.partial: holds activations of another job: choose another name or replace it with --force`;
    await expect(ResumableStore.open(path, job(2), null)).rejects.toThrow(reason);
    await write(path, counting(2, 5), 1, job(2), { existing: "replace" });
    expect((await openStore(path)).rows).toBe(2);
    expect(existsSync(`${path}.partial`)).toBe(false);
  });
});

describe("writing where something is", () => {
  it("replaces a store of the same job, refuses one of another job, and replaces it on request", async () => {
    const path = join(folder, "again");
    await write(path, counting(2, 5), 1, job(2));
    await write(path, counting(2, 5), 1, job(2));
    await expect(write(path, counting(2, 5), 1, job(2, { options: { rows: "token" } }))).rejects.toThrow(
      `${path}: holds activations of another job`,
    );
    await write(path, counting(3, 5), 1, job(3), { existing: "replace" });
    expect((await openStore(path)).rows).toBe(3);
  });

  it("never touches a folder or a file that is no store", async () => {
    const path = join(folder, "photos");
    mkdirSync(path);
    writeFileSync(join(path, "dog.jpg"), "x");
    const reason = (name: string) => `${name}: is there already and is not an activation store`;
    await expect(write(path, counting(2, 5), 1, job(2), { existing: "replace" })).rejects.toThrow(reason(path));
    const file = join(path, "dog.jpg");
    await expect(write(file, counting(2, 5), 1, job(2), { existing: "replace" })).rejects.toThrow(reason(file));
    expect(readdirSync(path)).toEqual(["dog.jpg"]);
  });

  it("refuses a path whose folder cannot be made", async () => {
    writeFileSync(join(folder, "a-file"), "");
    const path = join(folder, "a-file", "store");
    await expect(write(path, counting(2, 5), 1, job(2))).rejects.toThrow("a part of its path is not a folder");
  });

  it("refuses part of a row, too many rows, and a finish before the last", async () => {
    await using writer = await ResumableStore.open(join(folder, "parts"), job(2), null);
    await expect(writer.append(new Float32Array(4))).rejects.toThrow(
      "Expected whole rows of 5, at most 2 in all for values",
    );
    await expect(writer.append(new Float32Array(15))).rejects.toThrow("at most 2 in all for values but received 15");
    await expect(writer.finish()).rejects.toThrow("Expected 2 appended for rows but received 0");
  });
});

describe("opening a damaged store", () => {
  async function stored(name: string): Promise<string> {
    const path = join(folder, name);
    await write(path, counting(7, 5), 7, job(7), { shardRows: 4 });
    return path;
  }

  it("names what is missing or too short or too long", async () => {
    await expect(openStore(join(folder, "nowhere"))).rejects.toThrow("nowhere: there is no such store");
    mkdirSync(join(folder, "no-index"));
    await expect(openStore(join(folder, "no-index"))).rejects.toThrow(
      "is not an activation store: it has no index.json",
    );
    const path = await stored("damaged");
    const source = await openStore(path);
    const shard = join(path, "activations-00001.safetensors");
    const whole = readFileSync(shard);
    truncateSync(shard, whole.length - 1);
    const reason = `${shard}: is cut short: expected at least ${whole.length} bytes but it has ${whole.length - 1}`;
    await expect(openStore(path)).rejects.toThrow(reason);
    await expect(collect(source)).rejects.toThrow(reason);
    writeFileSync(shard, Buffer.concat([whole, Buffer.of(0)]));
    await expect(openStore(path)).rejects.toThrow(`expected ${whole.length} bytes but it has ${whole.length + 1}`);
    rmSync(shard);
    await expect(openStore(path)).rejects.toThrow(`${shard}: there is no such file`);
  });

  it("refuses an index that is no JSON, of another format, or without its parts", async () => {
    const path = await stored("indexed");
    const index = join(path, "index.json");
    writeFileSync(index, "{");
    await expect(openStore(path)).rejects.toThrow(`${index}: is damaged: it is no JSON`);
    writeFileSync(index, '{"format": "something else"}');
    await expect(openStore(path)).rejects.toThrow(
      'expected the format "neurometry activations 1" but it is "something else"',
    );
    writeFileSync(index, '{"format": "neurometry activations 1", "complete": true}');
    await expect(openStore(path)).rejects.toThrow("is damaged: its job, sites or shard size is missing");
  });
});
