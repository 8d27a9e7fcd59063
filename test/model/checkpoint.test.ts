import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readCheckpoint } from "../../src/model/checkpoint.js";
import { tensorBytes } from "../fixtures/safetensors-bytes.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const one = (name: string) => tensorBytes({ [name]: { shape: [1], values: new Float32Array([name.length]) } });

function directory(name: string, files: Record<string, Uint8Array | string>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

const index = (map: unknown) => ({ "model.safetensors.index.json": JSON.stringify({ weight_map: map }) });

describe("a checkpoint", () => {
  it("is one file", async () => {
    const { files, tensors } = await readCheckpoint(directory("single", { "model.safetensors": one("a") }));
    expect(files.length).toBe(1);
    expect([...tensors.keys()]).toEqual(["a"]);
  });

  it("is the shards that an index lists", async () => {
    const map = { a: "1.safetensors", bb: "2.safetensors" };
    const shards = { "1.safetensors": one("a"), "2.safetensors": one("bb"), ...index(map) };
    const { files, tensors } = await readCheckpoint(directory("sharded", shards));
    expect(files.length).toBe(2);
    expect(tensors.get("bb")!.path).toMatch(/2\.safetensors$/);
  });

  it("is refused when there is nothing, a shard is missing, or the index does not tell the truth", async () => {
    await expect(readCheckpoint(directory("empty", {}))).rejects.toThrow(
      "Expected model.safetensors or model.safetensors.index.json but there is neither",
    );
    await expect(readCheckpoint(directory("old", { "pytorch_model.bin": one("a") }))).rejects.toThrow(
      "but there is neither, only pytorch_model.bin: load it with transformers and save_pretrained it",
    );
    await expect(readCheckpoint(directory("lost", index({ a: "1.safetensors" })))).rejects.toThrow("no such file");
    await expect(readCheckpoint(directory("outside", index({ a: "../1.safetensors" })))).rejects.toThrow("weight_map");
    await expect(readCheckpoint(directory("list", index(["a"])))).rejects.toThrow("for weight_map");
    const liar = { "1.safetensors": one("a"), ...index({ b: "1.safetensors" }) };
    await expect(readCheckpoint(directory("liar", liar))).rejects.toThrow(
      "1.safetensors: Expected the tensor b, which model.safetensors.index.json puts there",
    );
  });
});
