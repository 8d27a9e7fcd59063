import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCheckpoint } from "../../src/model/checkpoint.js";
import { Weights } from "../../src/model/weights.js";
import { devices } from "../devices.js";
import { safetensorsBytes } from "../fixtures/safetensors-bytes.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();

/** 1, −2 and 0.5 in every width. */
const data = new Uint8Array(12 + 6 + 6 + 8);
new Float32Array(data.buffer, 0, 3).set([1, -2, 0.5]);
new Uint16Array(data.buffer, 12, 3).set([0x3c00, 0xc000, 0x3800]);
new Uint16Array(data.buffer, 18, 3).set([0x3f80, 0xc000, 0x3f00]);
const header = {
  "model.single": { dtype: "F32", shape: [3], data_offsets: [0, 12] },
  half: { dtype: "F16", shape: [3], data_offsets: [12, 18] },
  brain: { dtype: "BF16", shape: [3, 1], data_offsets: [18, 24] },
  position_ids: { dtype: "I64", shape: [1, 1], data_offsets: [24, 32] },
};

async function checkpoint() {
  const path = mkdtempSync(join(folder, "model-"));
  writeFileSync(join(path, "model.safetensors"), safetensorsBytes(header, data));
  return readCheckpoint(path);
}

describe.each(devices)("weights on %s", (_, open) => {
  const opened = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  it("are float32 whatever the file holds, with and without the prefix", async () => {
    const device = await opened;
    using weights = new Weights(device, await checkpoint(), "model.");
    const shapes = { single: [3], half: [3], brain: [3, 1] };
    for (const [name, shape] of Object.entries(shapes)) {
      const buffer = await weights.load(name, shape);
      expect([...(await device.download(buffer, new Float32Array(3)))], name).toEqual([1, -2, 0.5]);
      expect([...(await weights.read(name, shape))]).toEqual([1, -2, 0.5]);
    }
    expect(weights.unused).toEqual(["position_ids"]);
    expect(weights.parameters).toBe(9);
    expect([weights.has("single"), weights.has("model.single"), weights.has("model.half")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("stand one behind the other where they are staged, and are on the device once where they are tied", async () => {
    const device = await opened;
    using weights = new Weights(device, await checkpoint(), "model.");
    const staged = await weights.stage(["half", "single", "brain"], [[3], [3], [3, 1]]);
    weights.keepForNow(staged.buffer);
    expect(staged.kept).toBe(false);
    const values = await device.download(staged.buffer, new Float32Array(9));
    expect([...values]).toEqual([1, -2, 0.5, 1, -2, 0.5, 1, -2, 0.5]);
    const buffer = await weights.load("half", [3]);
    expect(await weights.stage(["half"], [[3]])).toEqual({ buffer, kept: true });
    expect(await weights.load("half", [3])).toBe(buffer);
  });

  it("free what was needed only for a while", async () => {
    const device = await opened;
    using weights = new Weights(device, await checkpoint(), "");
    const passing = device.upload(new Float32Array(4));
    weights.keepForNow(passing);
    await weights.relieve();
    expect([...(await device.download(passing, new Float32Array(1)))]).toEqual([0]);
    await weights.settle();
    await expect(async () => device.download(passing, new Float32Array(1))).rejects.toThrow("a freed one");
  });

  it("are refused by name, with the shape they should have", async () => {
    using weights = new Weights(await opened, await checkpoint(), "model.");
    await expect(weights.load("half", [4])).rejects.toThrow("Expected a tensor half of shape [4] but its shape is [3]");
    await expect(weights.load("brain", [3])).rejects.toThrow(
      "Expected a tensor brain of shape [3] but its shape is [3, 1]",
    );
    await expect(weights.read("halv", [3])).rejects.toThrow(
      'Expected a tensor halv of shape [3] but there is none (did you mean "half"?)',
    );
    await expect(weights.read("position_ids", [1, 1])).rejects.toThrow("for tensor position_ids but it is I64");
  });
});
