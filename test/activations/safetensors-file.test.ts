import { createHash } from "node:crypto";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSafetensors } from "../../src/activations/safetensors-file.js";
import { tensorFileHead } from "../../src/activations/tensor-file.js";
import { temporaryFolder } from "../temporary-folder.js";
import { collect, counting } from "./collect.js";

const folder = temporaryFolder();

function write(name: string, header: object, ...data: ArrayBufferView[]): string {
  const path = join(folder, name);
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const parts = data.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  writeFileSync(path, Buffer.concat([length, text, ...parts]));
  return path;
}

describe("a safetensors file as a source", () => {
  it("puts the tensors of sites side by side, in the order of sites and not of the file", async () => {
    const path = write(
      "sites.safetensors",
      {
        "layers.10.residual": { dtype: "F32", shape: [3, 2], data_offsets: [0, 24] },
        "layers.2.residual": { dtype: "F32", shape: [3, 1], data_offsets: [24, 36] },
      },
      Float32Array.of(1, 2, 3, 4, 5, 6),
      Float32Array.of(7, 8, 9),
    );
    const source = await openSafetensors(path);
    expect(source).toMatchObject({ rows: 3, columns: 3 });
    expect(source.sites).toEqual([
      { name: "layers.2.residual", width: 1, offset: 0 },
      { name: "layers.10.residual", width: 2, offset: 1 },
    ]);
    for (const blockRows of [1, 2, 3]) {
      expect(await collect(source, { blockRows })).toEqual([7, 1, 2, 8, 3, 4, 9, 5, 6]);
    }
    const values = Float32Array.of(7, 1, 2, 8, 3, 4, 9, 5, 6);
    expect((await source.provenance()).activations).toBe(createHash("sha256").update(values).digest("hex"));
  });

  it("calls a single tensor `activations` unless its name is a site's", async () => {
    const values = counting(3, 2);
    const head = (name: string) => tensorFileHead([{ name, type: "F32", shape: [3, 2] }], {});
    for (const [name, site] of [
      ["x", "activations"],
      ["layers.0.residual", "layers.0.residual"],
    ] as const) {
      const path = join(folder, `${name}.safetensors`);
      writeFileSync(path, Buffer.concat([head(name), new Uint8Array(values.buffer)]));
      const source = await openSafetensors(path);
      expect(source.sites).toEqual([{ name: site, width: 2, offset: 0 }]);
      expect(await collect(source, { blockRows: 2 })).toEqual([...values]);
    }
  });

  it.each([
    ["F16", Uint16Array.of(0x3c00, 0xc000)],
    ["BF16", Uint16Array.of(0x3f80, 0xc000)],
    ["F64", Float64Array.of(1, -2)],
    ["I8", Int8Array.of(1, -2)],
    ["I64", BigInt64Array.of(1n, -2n)],
  ])("reads %s", async (dtype, data) => {
    const path = write(
      `${dtype}.safetensors`,
      { x: { dtype, shape: [2, 1], data_offsets: [0, data.byteLength] } },
      data,
    );
    expect(await collect(await openSafetensors(path))).toEqual([1, -2]);
  });

  it("refuses tensors that are no matrices, of different rows, of strange numbers, and no tensor at all", async () => {
    const three = { x: { dtype: "F32", shape: [1, 2, 1], data_offsets: [0, 8] } };
    await expect(openSafetensors(write("3d.safetensors", three, new Float32Array(2)))).rejects.toThrow(
      "expected rows × neurons for tensor x but its shape is (1, 2, 1)",
    );
    const rows = {
      x: { dtype: "F32", shape: [2, 1], data_offsets: [0, 8] },
      y: { dtype: "F32", shape: [3, 1], data_offsets: [8, 20] },
    };
    await expect(openSafetensors(write("rows.safetensors", rows, new Float32Array(5)))).rejects.toThrow(
      "expected as many rows for tensor y as x has (2) but it has 3",
    );
    const eight = { x: { dtype: "F8_E4M3", shape: [2, 1], data_offsets: [0, 2] } };
    await expect(openSafetensors(write("f8.safetensors", eight, new Uint8Array(2)))).rejects.toThrow(
      "expected numbers or booleans for tensor x but they are F8_E4M3",
    );
    await expect(openSafetensors(write("none.safetensors", {}))).rejects.toThrow(
      "expected a tensor of rows × neurons but it holds none",
    );
    const empty = { x: { dtype: "F32", shape: [0, 4], data_offsets: [0, 0] } };
    await expect(openSafetensors(write("empty.safetensors", empty))).rejects.toThrow("its shape is (0, 4)");
  });

  it("refuses a file that was cut short after it was opened", async () => {
    const header = { x: { dtype: "F32", shape: [2, 1], data_offsets: [0, 8] } };
    const path = write("cut.safetensors", header, Float32Array.of(1, 2));
    const source = await openSafetensors(path);
    truncateSync(path, 20);
    await expect(collect(source)).rejects.toThrow("is cut short: expected at least");
    await expect(openSafetensors(path)).rejects.toThrow(path);
  });
});
