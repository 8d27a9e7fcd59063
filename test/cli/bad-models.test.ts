import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { llama } from "./demo-model.js";
import { refusal } from "./refusal.js";

const folder = temporaryFolder();

/** A copy of the shipped model that `damage` has changed. */
function damagedModel(name: string, damage: (copy: string) => void): string {
  const copy = join(folder, name);
  cpSync(llama, copy, { recursive: true });
  damage(copy);
  return name;
}

function changeConfig(change: (config: Record<string, unknown>) => void) {
  return (copy: string) => {
    const path = join(copy, "config.json");
    const config = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    change(config);
    writeFileSync(path, JSON.stringify(config));
  };
}

/** Replaces the header of a safetensors file by what `change` makes of it. */
function changeHeader(change: (header: Record<string, { shape: number[]; data_offsets: number[] }>) => void) {
  return (copy: string) => {
    const path = join(copy, "model.safetensors");
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
    change(header);
    const text = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    writeFileSync(path, Buffer.concat([size, text, bytes.subarray(8 + length)]));
  };
}

function renameTensor(header: Record<string, { shape: number[]; data_offsets: number[] }>): void {
  const own = header[firstTensor];
  delete header[firstTensor];
  if (own) header["model.layers.9.input_layernorm.weight"] = own;
}

const firstTensor = "model.layers.0.input_layernorm.weight";

describe("a model", () => {
  const weights = (copy: string) => join(copy, "model.safetensors");

  test.each<[string, (copy: string) => void, RegExp]>([
    ["cut short", (copy) => truncateSync(weights(copy), 20_000), /model\.safetensors/],
    [
      "with a header longer than the file",
      (copy) => writeFileSync(weights(copy), Buffer.from([255, 255, 255, 255, 0, 0, 0, 0, 123])),
      /model\.safetensors/,
    ],
    [
      "with broken JSON in its header",
      (copy) => writeFileSync(weights(copy), Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 123, 123])),
      /model\.safetensors/,
    ],
    ["with a tensor that is missing", changeHeader(renameTensor), /layers\.0\.input_layernorm\.weight/],
    [
      "with a tensor of another shape",
      changeHeader((header) => header[firstTensor]?.shape.push(1)),
      /layers\.0\.input_layernorm\.weight/,
    ],
    [
      "with offsets beyond the file",
      changeHeader((header) => header[firstTensor]?.data_offsets.splice(0, 2, 1e9, 1e9 + 4)),
      /layers\.0\.input_layernorm\.weight/,
    ],
    [
      "of an unknown family",
      changeConfig((config) => Object.assign(config, { model_type: "lama" })),
      /bert.*llama.*(did you mean "llama"\?).*"lama"/,
    ],
    ["with a broken config", (copy) => writeFileSync(join(copy, "config.json"), "{"), /config\.json/],
    ["with a broken tokenizer", (copy) => writeFileSync(join(copy, "tokenizer.json"), "no"), /tokenizer\.json/],
    ["without a tokenizer", (copy) => rmSync(join(copy, "tokenizer.json")), /tokenizer\.json: there is no such file/],
    ["without weights", (copy) => rmSync(weights(copy)), /Expected model\.safetensors or .* but there is neither/],
  ])("%s is refused", async (name, damage, sentence) => {
    const model = damagedModel(`model ${name}`, damage);
    expect(await refusal(folder, ["inspect", model])).toMatch(sentence);
  });

  test("that is a file is refused", async () => {
    writeFileSync(join(folder, "model.gguf"), "GGUF");
    const sentence = "model.gguf: Expected a model's directory but it is a file";
    expect(await refusal(folder, ["inspect", "model.gguf"])).toBe(sentence);
  });

  test("that is not there is refused", async () => {
    expect(await refusal(folder, ["inspect", "./nowhere"])).toContain("./nowhere");
  });
});
