import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readTensorFile } from "../../src/model/safetensors.js";
import { safetensorsBytes, tensorBytes } from "../fixtures/safetensors-bytes.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
let files = 0;

function read(bytes: Uint8Array) {
  const path = join(folder, `${files++}.safetensors`);
  writeFileSync(path, bytes);
  return readTensorFile(path);
}

const tensor = (begin: number, end: number, shape = [(end - begin) / 4], dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe("a safetensors file", () => {
  it("tells where each tensor lies", async () => {
    const values = new Float32Array([1, 2, 3, 4, 5, 6]);
    const file = tensorBytes({ a: { shape: [2, 3], values }, b: { shape: [1], values: values.subarray(0, 1) } });
    const { tensors } = await read(file);
    const a = tensors.get("a")!;
    expect([a.type, a.shape, a.bytes]).toEqual(["F32", [2, 3], 24]);
    expect(tensors.get("b")!.byteOffset).toBe(file.length - 4);
    expect(new DataView(file.buffer).getFloat32(a.byteOffset + 8, true)).toBe(3);
  });

  it("may hold nothing, scalars, empty tensors and metadata", async () => {
    expect((await read(safetensorsBytes({}, new Uint8Array()))).tensors.size).toBe(0);
    const header = { __metadata__: { format: "pt" }, none: tensor(0, 0, [0, 7]), scalar: tensor(0, 8, [], "I64") };
    const { tensors, metadata } = await read(safetensorsBytes(header, new Uint8Array(8)));
    expect(metadata).toEqual({ format: "pt" });
    expect([...tensors.values()].map(({ bytes }) => bytes)).toEqual([0, 8]);
  });

  it("is refused when it is cut short, wherever", async () => {
    const whole = tensorBytes({ a: { shape: [2], values: new Float32Array(2) } });
    for (let length = 0; length < whole.length; length++) {
      await expect(read(whole.subarray(0, length))).rejects.toThrow(
        length < 8 ? "Expected a header's length in 8 bytes but the file has" : /it is cut short$/,
      );
    }
  });

  it("is refused when its header lies, with the tensor's name", async () => {
    const data = new Uint8Array(16);
    const cases: [unknown, RegExp][] = [
      ["[1]", /Expected a JSON object as header/],
      ["{", /byte 8: Expected a header of JSON but it cannot be parsed/],
      [{ a: 3 }, /Expected an object for tensor a but received 3/],
      [{ a: tensor(0, 16, [4], "F31") }, /Expected a dtype of BOOL, .* for tensor a but received "F31"/],
      [{ a: tensor(0, 16, [-4]) }, /Expected a shape of whole numbers for tensor a but received \[-4\]/],
      [
        { a: tensor(0, 16, [5]) },
        /Expected data_offsets 20 bytes apart \(F32 \[5\]\) for tensor a but received \[0,16\]/,
      ],
      [{ a: tensor(16, 0, [4]) }, /Expected data_offsets \[begin, end\] with begin ≤ end for tensor a/],
      [{ a: tensor(0, 8), b: tensor(4, 16) }, /Expected tensors one behind the other but b overlaps a/],
      [{ a: tensor(0, 4), b: tensor(8, 16) }, /Expected tensors one behind the other but b leaves a gap behind a/],
      [{ a: tensor(0, 20) }, /Expected tensor a to end at byte \d+ but the file has \d+: it is cut short/],
      [{ a: tensor(0, 12) }, /Expected the file to end with a but it has 4 more bytes/],
      [{ a: tensor(0, 16, [2 ** 40, 2 ** 40]) }, /for tensor a but received \[0,16\]/],
    ];
    for (const [header, message] of cases) await expect(read(safetensorsBytes(header, data))).rejects.toThrow(message);
  });

  it("is refused when its header would be larger than the file or than the format allows", async () => {
    const file = safetensorsBytes({}, new Uint8Array());
    const length = new DataView(file.buffer);
    length.setBigUint64(0, 50n, true);
    await expect(read(file)).rejects.toThrow("Expected a header of 50 bytes but the file has only 10: it is cut short");
    length.setBigUint64(0, 2n ** 63n, true);
    await expect(read(file)).rejects.toThrow("byte 0: Expected a header of at most 100000000 bytes");
  });

  it("is refused when it is missing", async () => {
    await expect(readTensorFile(join(folder, "none.safetensors"))).rejects.toThrow("there is no such file");
  });
});
