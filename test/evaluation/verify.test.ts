import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verify } from "../../src/evaluation/verify.js";
import { loadModel } from "../../src/model/load.js";
import { readTensorFile } from "../../src/model/safetensors.js";
import { elementsOf, readTensor } from "../../src/model/tensor-values.js";
import { devices, openTestDevice } from "../devices.js";
import { expectedPath, fixturePath } from "../fixtures/model-fixture.js";
import { safetensorsBytes } from "../fixtures/safetensors-bytes.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
let copies = 0;

type Tensors = Map<string, { shape: readonly number[]; values: Float32Array | Int32Array | BigInt64Array }>;

/** A copy of a fixture's reference that a test may change. */
async function changed(family: string, edit: (tensors: Tensors) => void): Promise<string> {
  const tensors: Tensors = new Map();
  for (const [name, entry] of (await readTensorFile(expectedPath(family))).tensors) {
    const values = new Float32Array(elementsOf(entry.shape));
    await readTensor({ ...entry, type: "F32" }, values); // whole numbers as their bits
    const whole = entry.type === "I32";
    tensors.set(name, { shape: entry.shape, values: whole ? new Int32Array(values.buffer) : values });
  }
  edit(tensors);
  let end = 0;
  const entries = [...tensors].map(([name, { shape, values }]) => {
    const dtype = values instanceof Float32Array ? "F32" : values instanceof Int32Array ? "I32" : "I64";
    const begin = end;
    end += values.byteLength;
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
  });
  const parts = [...tensors.values()].map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  const path = join(folder, `${family}-${++copies}.safetensors`);
  writeFileSync(path, safetensorsBytes(Object.fromEntries(entries), Buffer.concat(parts)));
  return path;
}

describe.each(devices)("on %s", (_name, open) => {
  it.each(["bert", "gpt2-sequences", "lstm", "t5"])(
    "every site of %s is within 1e-4 of the reference's",
    async (family) => {
      await using device = await open();
      await using model = await loadModel(fixturePath(family), { device });
      const { sites, within, worst, missing } = await verify(model, expectedPath(family));
      expect(sites.map(({ site }) => site)).toEqual(model.sites.map(({ name }) => name));
      expect([within, missing]).toEqual([true, []]);
      expect(worst.absolute).toBeGreaterThan(0);
    },
  );
});

describe("a verification", () => {
  it("finds the one number that differs, and what only one side has", async () => {
    await using device = await openTestDevice("native");
    await using model = await loadModel(fixturePath("gru"), { device });
    const path = await changed("gru", (tensors) => {
      for (const name of [...tensors.keys()]) if (name.startsWith("changed.")) tensors.delete(name);
      const { values } = tensors.get("layers.1.hidden")!;
      values[7] = Number(values[7]) + 0.25;
      tensors.delete("embed");
      tensors.set("layers.9.hidden", { shape: [1], values: Float32Array.of(1) });
    });
    const { worst, within, missing, unknown, sites } = await verify(model, path);
    expect([worst.site, within, missing, unknown]).toEqual(["layers.1.hidden", false, ["embed"], ["layers.9.hidden"]]);
    expect(worst.absolute).toBeCloseTo(0.25, 4);
    expect(sites.filter(({ absolute }) => absolute > 1e-4).map(({ site }) => site)).toEqual(["layers.1.hidden"]);
    expect((await verify(model, path, { tolerance: 0.3 })).within).toBe(true);
  });

  it("calls a number that is none infinitely far", async () => {
    await using device = await openTestDevice("native");
    await using model = await loadModel(fixturePath("gru"), { device });
    const path = await changed("gru", (tensors) => tensors.get("logits")!.values.fill(Number.NaN as never, 3, 4));
    expect((await verify(model, path)).worst).toMatchObject({ site: "logits", absolute: Number.POSITIVE_INFINITY });
  });

  it("reads ids of 64 bits too", async () => {
    await using device = await openTestDevice("native");
    await using model = await loadModel(fixturePath("gru"), { device });
    const path = await changed("gru", (tensors) => {
      const { shape, values } = tensors.get("ids")!;
      tensors.set("ids", { shape, values: BigInt64Array.from(values as Int32Array, BigInt) });
    });
    expect((await verify(model, path)).within).toBe(true);
  });

  it("is refused for a file that is no reference of this model", async () => {
    await using device = await openTestDevice("native");
    await using model = await loadModel(fixturePath("gru"), { device });
    const refused = async (edit: (tensors: Tensors) => void) => verify(model, await changed("gru", edit));
    await expect(refused((tensors) => tensors.delete("ids"))).rejects.toThrow(
      "Expected a tensor ids: the ids that the reference was computed from",
    );
    await expect(refused((tensors) => tensors.get("starts")!.values.fill(0 as never))).rejects.toThrow(
      "Expected ascending numbers from 0 to 8 for starts",
    );
    await expect(refused((tensors) => tensors.set("ids", tensors.get("logits")!))).rejects.toThrow(
      "Expected a list of whole numbers for ids but it is F32 [8, 37]",
    );
    await expect(refused((tensors) => tensors.get("ids")!.values.fill(99 as never))).rejects.toThrow(
      "Expected ids below 37",
    );
    await expect(
      refused((tensors) => tensors.set("embed", { shape: [2], values: new Float32Array(2) })),
    ).rejects.toThrow(/Expected \d+ numbers for embed but its shape is \[2\]/);
    await expect(
      refused((tensors) => {
        for (const name of [...tensors.keys()]) if (!/ids|starts/.test(name)) tensors.delete(name);
      }),
    ).rejects.toThrow("Expected a tensor named as a site of gru but there is none");
    await expect(verify(model, expectedPath("gru"), { tolerance: -1 })).rejects.toThrow(
      "Expected a number from 0 on for tolerance",
    );
    await expect(verify(model, join(folder, "none"))).rejects.toThrow("there is no such file");
  });
});
