import { createHash } from "node:crypto";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openNpy } from "../../src/activations/npy.js";
import { npyHeader } from "../../src/core/npy.js";
import { headerOf } from "../fixtures/npy-header.js";
import { temporaryFolder } from "../temporary-folder.js";
import { collect, counting } from "./collect.js";
import { tableOf } from "./table.js";

const folder = temporaryFolder();

function write(name: string, header: Uint8Array, data: ArrayBufferView): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]));
  return path;
}

function dict(descr: string, shape: string, fortran = "False"): Uint8Array {
  return headerOf(`{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`);
}

describe("a .npy file as a source", () => {
  it("gives its rows in blocks of any size, from any row on", async () => {
    const values = counting(33, 7);
    const source = await openNpy(write("plain.npy", npyHeader("f4", [33, 7]), values));
    expect(source).toMatchObject({ rows: 33, columns: 7, table: null });
    expect(source.sites).toEqual([{ name: "activations", width: 7, offset: 0 }]);
    for (const blockRows of [1, 2, 31, 32, 33, 34]) expect(await collect(source, { blockRows })).toEqual([...values]);
    expect(await collect(source, { blockRows: 5, firstRow: 12 })).toEqual([...values.subarray(84)]);
    expect(await collect(source, { firstRow: 33 })).toEqual([]);
    expect(await collect(source)).toEqual([...values]);
  });

  it("has the fingerprint of its float32 values, whatever its type and order", async () => {
    const values = counting(3, 2);
    const expected = createHash("sha256").update(values).digest("hex");
    const doubles = Float64Array.from(values);
    const columns = Float64Array.of(0, 1, 2, 0.5, 1.5, 2.5);
    const bigEndian = new DataView(new ArrayBuffer(48));
    doubles.forEach((value, i) => {
      bigEndian.setFloat64(i * 8, value, false);
    });
    const paths = [
      write("rows.npy", npyHeader("f4", [3, 2]), values),
      write("unaligned.npy", dict("<f4", "(3, 2)"), values),
      write("doubles.npy", dict("<f8", "(3, 2)"), doubles),
      write("big.npy", dict(">f8", "(3, 2)"), bigEndian),
      write("columns.npy", dict("<f8", "(3, 2)", "True"), columns),
      write("halves.npy", dict("<f2", "(3, 2)"), Uint16Array.of(0, 0x3800, 0x3c00, 0x3e00, 0x4000, 0x4100)),
    ];
    for (const path of paths) {
      const source = await openNpy(path);
      expect(await collect(source, { blockRows: 2 })).toEqual([...values]);
      expect(await source.provenance()).toEqual({ model: null, corpus: null, activations: expected });
    }
  });

  it("takes the rows of a corpus beside it, and refuses another number of them", async () => {
    const path = write("beside.npy", npyHeader("f4", [3, 2]), counting(3, 2));
    const source = await openNpy(path, tableOf("word", [0, 0, 0], [0, 1, 2], ["a", "b", "c"], {}));
    expect(source.table?.text).toHaveLength(3);
    expect((await source.provenance()).corpus).toBe("f");
    await expect(openNpy(path, tableOf("word", [0, 0, 0, 0], [0, 1, 2, 3], ["a", "b", "c", "d"], {}))).rejects.toThrow(
      `${path}: expected as many rows as its corpus has (4) but it has 3`,
    );
  });

  it.each([
    ["(5,)", 5],
    ["(2, 3, 4)", 24],
    ["()", 1],
  ])("of shape %s is refused", async (shape, elements) => {
    const path = write("shape.npy", dict("<f4", shape), new Float32Array(elements));
    const reason = `${path}: expected a two-dimensional array, rows × neurons, but its shape is ${shape}`;
    await expect(openNpy(path)).rejects.toThrow(reason);
  });

  it("that is cut short, even after it was opened, is refused before a byte is used", async () => {
    const path = write("cut.npy", npyHeader("f4", [3, 2]), counting(3, 2));
    const source = await openNpy(path);
    truncateSync(path, 128 + 23);
    await expect(collect(source)).rejects.toThrow(`${path}: is cut short: expected at least 152 bytes but it has 151`);
    await expect(openNpy(path)).rejects.toThrow("is cut short");
  });

  it("stops when it is told to, and refuses block sizes that are none", async () => {
    const source = await openNpy(write("stop.npy", npyHeader("f4", [3, 2]), counting(3, 2)));
    const stop = new AbortController();
    const reading = async () => {
      for await (const block of source.blocks({ blockRows: 1, signal: stop.signal })) {
        expect(block.firstRow).toBe(0);
        stop.abort();
      }
    };
    await expect(reading()).rejects.toThrow(/abort/);
    await expect(collect(source, { blockRows: 0 })).rejects.toThrow(
      "a whole number from 1 on for blockRows but received 0",
    );
    await expect(collect(source, { firstRow: -1 })).rejects.toThrow("from 0 on for firstRow but received -1");
  });
});
