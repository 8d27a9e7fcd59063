import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { npyHeader } from "../../src/core/npy.js";
import { readNpy } from "../../src/core/npy-values.js";
import { headerOf } from "../fixtures/npy-header.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();

/** A file of the given dict and numbers. */
function file(descr: string, shape: string, data: ArrayBufferView, fortran = "False"): string {
  const path = join(folder, `${descr.replace(/\W/, "_")}-${shape.length}-${fortran}.npy`);
  const dict = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  writeFileSync(path, Buffer.concat([headerOf(dict), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]));
  return path;
}

/** The same elements with the bytes of each in reverse. */
function swapped(data: ArrayBufferView, width: number): Uint8Array {
  const bytes = new Uint8Array(data.buffer.slice(0));
  for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
  return bytes;
}

const cases: [string, ArrayBufferView, number[]][] = [
  ["f2", Uint16Array.of(0x3c00, 0xc000, 0x0001), [1, -2, 2 ** -24]],
  ["f4", Float32Array.of(1.5, -2, 3e38), [1.5, -2, Math.fround(3e38)]],
  ["f8", Float64Array.of(0.1, -2, 1e300), [0.1, -2, 1e300]],
  ["i1", Int8Array.of(-128, 0, 127), [-128, 0, 127]],
  ["i2", Int16Array.of(-32768, 0, 7), [-32768, 0, 7]],
  ["i4", Int32Array.of(-(2 ** 31), 0, 7), [-(2 ** 31), 0, 7]],
  ["i8", BigInt64Array.of(-(2n ** 53n) + 1n, -1n, 2n ** 40n), [-(2 ** 53) + 1, -1, 2 ** 40]],
  ["u1", Uint8Array.of(0, 1, 255), [0, 1, 255]],
  ["u2", Uint16Array.of(0, 1, 65535), [0, 1, 65535]],
  ["u4", Uint32Array.of(0, 1, 2 ** 32 - 1), [0, 1, 2 ** 32 - 1]],
  ["u8", BigUint64Array.of(0n, 1n, 2n ** 53n - 1n), [0, 1, 2 ** 53 - 1]],
];

describe("a .npy array", () => {
  it.each(cases)("of %s is read little-endian and big-endian", async (type, data, expected) => {
    expect([...(await readNpy(file(`<${type}`, "(3,)", data))).values]).toEqual(expected);
    const reversed = swapped(data, data.byteLength / 3);
    expect([...(await readNpy(file(`>${type}`, "(3,)", reversed))).values]).toEqual(expected);
  });

  it("of booleans is 0 and 1", async () => {
    const array = await readNpy(file("|b1", "(3,)", Uint8Array.of(1, 0, 255)));
    expect(array).toEqual({ type: "b1", shape: [3], values: Float64Array.of(1, 0, 1) });
  });

  it("in column order is turned into rows, in two and three dimensions", async () => {
    const two = await readNpy(file("<i2", "(2, 3)", Int16Array.of(1, 4, 2, 5, 3, 6), "True"));
    expect([...two.values]).toEqual([1, 2, 3, 4, 5, 6]);
    const three = await readNpy(file("|u1", "(2, 2, 2)", Uint8Array.of(0, 4, 2, 6, 1, 5, 3, 7), "True"));
    expect([...three.values]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("that is missing, a folder, empty, or cut short is refused with its numbers", async () => {
    const missing = join(folder, "missing.npy");
    await expect(readNpy(missing)).rejects.toThrow(`${missing}: there is no such file`);
    mkdirSync(join(folder, "folder.npy"));
    await expect(readNpy(join(folder, "folder.npy"))).rejects.toThrow("cannot be read because it is a folder");
    await expect(readNpy(file("<f4", "(0, 12)", new Float32Array(0)))).rejects.toThrow(
      "an empty array of shape (0, 12)",
    );
    const short = join(folder, "short.npy");
    writeFileSync(short, Buffer.concat([npyHeader("f4", [10]), Buffer.alloc(39)]));
    await expect(readNpy(short)).rejects.toThrow(`${short}: is cut short: expected at least 168 bytes but it has 167`);
    writeFileSync(short, "\x93NU");
    await expect(readNpy(short)).rejects.toThrow("is not a .npy file");
  });

  it("of integers that a number cannot hold is refused", async () => {
    const path = file("<i8", "(2,)", BigInt64Array.of(1n, 2n ** 53n));
    await expect(readNpy(path)).rejects.toThrow("expected integers within ±2^53 but element 1 is 9007199254740992");
  });
});
