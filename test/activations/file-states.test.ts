import { readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectUnchanged, statesOf } from "../../src/activations/file-states.js";
import { openNpy } from "../../src/activations/npy.js";
import type { ActivationSource } from "../../src/activations/source.js";
import { openStore } from "../../src/activations/store.js";
import { writeStore } from "../../src/activations/store-writer.js";
import { npyHeader } from "../../src/core/npy.js";
import { devices } from "../devices.js";
import { temporaryFolder } from "../temporary-folder.js";
import { collect, counting } from "./collect.js";
import { sourceOf } from "./in-memory.js";

const folder = temporaryFolder();
const [rows, columns] = [1000, 16];
let seconds = 0;

/** Stamps a file as written a second after the last, however coarse the clock is that its system stamps files by. */
function stamp(path: string): string {
  seconds++;
  utimesSync(path, seconds, seconds);
  return path;
}

function write(path: string, value: number): string {
  const values = new Float32Array(rows * columns).fill(value);
  writeFileSync(path, Buffer.concat([npyHeader("f4", [rows, columns]), new Uint8Array(values.buffer)]));
  return stamp(path);
}

/** Reads a source block by block, and does something after the first. */
async function disturb(source: ActivationSource, disturbance: () => void): Promise<void> {
  let blocks = 0;
  for await (const block of source.blocks({ blockRows: 400 })) {
    await block.values();
    if (blocks++ === 0) disturbance();
  }
}

describe("a file of activations", () => {
  test("that stays what it was is read as often as one likes", async () => {
    const source = await openNpy(write(join(folder, "still.npy"), 1));
    for (const _pass of [1, 2]) expect(new Set(await collect(source))).toEqual(new Set([1]));
  });

  test("that is overwritten in place, in the same length, does not count", async () => {
    const path = write(join(folder, "overwritten.npy"), 1);
    const source = await openNpy(path);
    const message = `${path}: was written to while it was read: read it again`;
    await expect(disturb(source, () => write(path, 2))).rejects.toThrow(message);
    await expect(collect(source)).rejects.toThrow(message);
    await expect(source.provenance()).rejects.toThrow(message);
    expect(new Set(await collect(await openNpy(path)))).toEqual(new Set([2]));
  });

  test("that is replaced by another of the same length does not count", async () => {
    const path = write(join(folder, "replaced.npy"), 1);
    const other = write(join(folder, "other.npy"), 2);
    const source = await openNpy(path);
    await expect(disturb(source, () => renameSync(other, path))).rejects.toThrow("was written to while it was read");
  });
});

test("a store of which one shard is overwritten does not count", async () => {
  const path = join(folder, "store");
  await writeStore(sourceOf(counting(11, 4), [{ name: "embed", width: 4, offset: 0 }], null, 3), path);
  const store = await openStore(path);
  expect(await collect(store)).toEqual([...counting(11, 4)]);
  const shard = join(path, readdirSync(path).find((name) => name.endsWith(".safetensors"))!);
  writeFileSync(shard, readFileSync(shard));
  stamp(shard);
  await expect(collect(store)).rejects.toThrow(`${shard}: was written to while it was read: read it again`);
});

test.each(devices)("a file that was taken to %s, and overwritten there, does not count", async (name, open) => {
  await using device = await open();
  const path = write(join(folder, `${name.replace(":", "-")}.npy`), 1);
  const source = await openNpy(path);
  const read = async () => {
    for await (const block of source.blocks()) {
      using buffer = await block.place(device);
      await device.download(buffer, new Float32Array(1));
      write(path, 2);
    }
  };
  await expect(read()).rejects.toThrow(`${path}: was written to while it was read`);
});

test("says which of several files it was", () => {
  const paths = ["first.npy", "second.npy"].map((name) => write(join(folder, name), 1));
  const states = statesOf(paths);
  expectUnchanged(states);
  write(paths[1]!, 1);
  expect(() => expectUnchanged(states)).toThrow(`${paths[1]}: was written to`);
});
