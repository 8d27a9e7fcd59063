import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { accumulate, both } from "../../src/activations/accumulate.js";
import type { Accumulator, AccumulatorFactory, TakenBlock } from "../../src/activations/accumulator.js";
import { exportActivations } from "../../src/activations/export.js";
import { openSource } from "../../src/activations/open.js";
import type { ActivationSource } from "../../src/activations/source.js";
import { writeStore } from "../../src/activations/store-writer.js";
import { npyHeader } from "../../src/core/npy.js";
import { devices } from "../devices.js";
import { temporaryFolder } from "../temporary-folder.js";
import { counting } from "./collect.js";
import { sourceOf } from "./in-memory.js";
import { tableOf } from "./table.js";

const folder = temporaryFolder();
const sites = [{ name: "layers.0.residual", width: 5, offset: 0 }];
const values = counting(33, 5);

/** Gathers all rows, from the device or from the host. */
function gather(needs: Accumulator<Float32Array>["needs"]): AccumulatorFactory<Float32Array> {
  return (device, { rows, columns, blockRows }) => {
    const all = new Float32Array(rows * columns).fill(Number.NaN);
    const add = async (block: TakenBlock): Promise<void> => {
      if (block.rows > blockRows) throw new RangeError(`a block of ${block.rows} rows`);
      const part = block.values ?? new Float32Array(block.rows * columns);
      if (block.buffer) await device.download(block.buffer, part);
      all.set(part, block.firstRow * columns);
    };
    return { needs, add, merge: async () => {}, finish: async () => all, [Symbol.dispose]: () => {} };
  };
}

async function sources(): Promise<[string, ActivationSource][]> {
  const memory = sourceOf(
    values,
    sites,
    tableOf("word", [...values.keys()].slice(0, 33), new Array(33).fill(0), new Array(33).fill("w"), {}),
    7,
  );
  await writeStore(memory, join(folder, "store"), { shardRows: 10 });
  await writeStore(memory, join(folder, "halves"), { dtype: "f16" });
  for (const ending of ["npy", "safetensors", "json", "hdf5"])
    await exportActivations(memory, join(folder, `x.${ending}`));
  const names = ["store", "halves", "x.npy", "x.safetensors", "x.json", "x.hdf5"];
  const opened = names.map(async (name) => [name, await openSource(join(folder, name))] as [string, ActivationSource]);
  return [["memory", memory], ...(await Promise.all(opened))];
}

describe.each(devices)("streaming to %s", (_, open) => {
  it("brings every source's numbers to the device as they are on the host", async () => {
    await using device = await open();
    for (const [name, source] of await sources()) {
      for (const blockRows of [undefined, 4, 33]) {
        const options = blockRows === undefined ? {} : { blockRows };
        const [host, placed] = await accumulate(source, device, both(gather("host"), gather("device")), options);
        expect([...host], `${name} on the host`).toEqual([...values]);
        expect([...placed], `${name} on the device`).toEqual([...values]);
      }
    }
  });
});

describe("streaming", () => {
  const source = sourceOf(values, sites, null, 4);

  it("holds at most three blocks, and frees them in order", async () => {
    await using device = await devices[0]![1]();
    let waiting = 0;
    let most = 0;
    const slow: AccumulatorFactory<number> = () => ({
      needs: "device",
      add: async () => {
        most = Math.max(most, ++waiting);
        await new Promise((resolve) => setTimeout(resolve, 5));
        waiting--;
      },
      merge: async () => {},
      finish: async () => most,
      [Symbol.dispose]: () => {},
    });
    expect(await accumulate(source, device, slow, { blockRows: 2 })).toBe(3);
  });

  it("tells how far it is, stops when it is told to, and hands on a failure with everything disposed", async () => {
    await using device = await devices[0]![1]();
    const told: number[] = [];
    await accumulate(source, device, gather("host"), {
      blockRows: 20,
      onProgress: (done, total) => told.push(done, total),
    });
    expect(told).toEqual([0, 33, 20, 33, 33, 33]);
    const stop = new AbortController();
    const options = { blockRows: 2, signal: stop.signal, onProgress: () => stop.abort() };
    await expect(accumulate(source, device, gather("host"), options)).rejects.toThrow(/abort/);
    let disposed = 0;
    const failing: AccumulatorFactory<null> = () => ({
      needs: "device",
      add: async ({ firstRow }) => {
        if (firstRow === 4) throw new RangeError("block 4");
      },
      merge: async () => {},
      finish: async () => null,
      [Symbol.dispose]: () => void disposed++,
    });
    await expect(accumulate(source, device, failing, { blockRows: 2 })).rejects.toThrow("block 4");
    expect(disposed).toBe(1);
  });

  it("refuses a source without rows", async () => {
    await using device = await devices[0]![1]();
    const empty = sourceOf(new Float32Array(0), sites);
    await expect(accumulate(empty, device, gather("host"))).rejects.toThrow("Expected at least one row for source");
  });

  it("refuses a file that was cut short under it, before it is mapped", async () => {
    await using device = await devices[0]![1]();
    const path = join(folder, "cut.npy");
    writeFileSync(path, Buffer.concat([npyHeader("f4", [33, 5]), new Uint8Array(values.buffer)]));
    const cut = await openSource(path);
    writeFileSync(path, Buffer.concat([npyHeader("f4", [33, 5]), new Uint8Array(values.buffer, 0, 100)]));
    await expect(accumulate(cut, device, gather("device"))).rejects.toThrow("is cut short");
  });
});
