import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { explain } from "../../../src/methods/corpus/explain.js";
import { iou } from "../../../src/methods/corpus/iou.js";
import { annotated, arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { randomNormals } from "../../random.js";
import { temporaryFolder } from "../../temporary-folder.js";

const folder = temporaryFolder();
const sites = [
  { name: "layers.0.residual", width: 2, offset: 0 },
  { name: "layers.1.residual", width: 3, offset: 2 },
];
const rows = 77;
const x = randomNormals(rows * 5, 6);
const table = annotated({ tag: Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? "A" : "B")) });
const source = arraySource(x, 5, { sites, table, name: "acts" });

describe.each(devices)("a mask file on %s", (name, open) => {
  const path = join(folder, `${name.replace(/\W/g, "-")}.safetensors`);
  let device: Device;
  beforeAll(async () => {
    device = await open();
    await iou(source, { concept: "tag", quantile: 0.2, masksOut: path, device });
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("gives the scores of the masks that were cut, and their cut", async () => {
    const cut = await iou(source, { concept: "tag", quantile: 0.2, device });
    const read = await iou(source, { concept: "tag", masks: path, device });
    expect(read).toEqual(cut);
    expect(read.options).toEqual({ quantile: 0.2 });
  });

  test("holds a bit a row, the first lowest, a tensor a site", () => {
    const bytes = readFileSync(path);
    const header = Number(bytes.readBigUInt64LE());
    const { __metadata__, ...tensors } = JSON.parse(bytes.toString("utf8", 8, 8 + header));
    expect(__metadata__).toMatchObject({ format: "neurometry masks", rows: "77", cut: '{"quantile":0.2}' });
    expect(tensors["layers.1.residual"]).toMatchObject({ dtype: "U8", shape: [3, 12] });
    const start = 8 + header + tensors["layers.1.residual"].data_offsets[0];
    const column = Array.from({ length: rows }, (_, row) => x[row * 5 + 3]!);
    const least = [...column].sort((a, b) => b - a)[15]!; // a fifth of 77 rows is 15
    column.forEach((value, row) => {
      expect((bytes[start + 12 + (row >> 3)]! >> (row & 7)) & 1).toBe(value > least ? 1 : 0);
    });
  });

  test("serves permutations and many concepts", async () => {
    const got = await iou(source, { concepts: "tag", masks: path, permutations: 9, device });
    expect(got.values?.["tag=A"]?.p).toHaveLength(5);
  });

  test("explains as the masks that were cut do, and takes those that explain made", async () => {
    const cut = await explain(source, { concepts: "tag", quantile: 0.2, device });
    expect(await explain(source, { concepts: "tag", masks: path, device })).toEqual(cut);
    const own = `${path}-matched.safetensors`;
    const matched = await explain(source, { concepts: "tag", threshold: "match", masksOut: own, device });
    const read = await explain(source, { concepts: "tag", masks: own, device });
    expect(read).toEqual(matched);
    expect(read.options).toMatchObject({ threshold: "match" });
    expect(read.neurons).not.toEqual(cut.neurons);
    await expect(explain(source, { concepts: "tag", masks: path, threshold: 0, device })).rejects.toThrow(
      "Expected nothing beside masks for threshold but received 0",
    );
  });

  test("is refused for another corpus, other activations, other rows and other sites", async () => {
    const from = async (other: typeof source) => await iou(other, { concept: "tag", masks: path, device });
    const origin = { model: null, corpus: "c", activations: "a" };
    const of = (changed: object) => ({ ...source, provenance: async () => ({ ...origin, ...changed }) });
    const otherCorpus = `${path}: Expected masks of acts but these are of another corpus`;
    await expect(from(of({ corpus: "d" }))).rejects.toThrow(otherCorpus);
    const explained = explain(of({ corpus: "d" }), { concepts: "tag", masks: path, device });
    await expect(explained).rejects.toThrow(otherCorpus);
    await expect(from(of({ activations: "b" }))).rejects.toThrow(
      `${path}: Expected masks of acts but these are of other activations`,
    );
    const fewer = annotated({ tag: ["A", "B"] });
    await expect(from(arraySource(x.slice(0, 10), 5, { sites, table: fewer, name: "two" }))).rejects.toThrow(
      `${path}: Expected masks of the 2 rows of two but these are of 77`,
    );
    await expect(from(arraySource(x, 5, { table }))).rejects.toThrow(
      `${path}: Expected masks of activations but found those of layers.0.residual, layers.1.residual`,
    );
  });

  test("is refused where it is another kind of file, or has bits that are no rows", async () => {
    const other = join(folder, "other.safetensors");
    const bytes = readFileSync(path);
    const changed = Buffer.from(bytes);
    changed[changed.length - 1] = 255;
    writeFileSync(other, changed);
    await expect(iou(source, { concept: "tag", masks: other, device })).rejects.toThrow(
      "Expected no bit beyond the 77 rows",
    );
    const at = bytes.indexOf("neurometry masks");
    writeFileSync(other, Buffer.concat([bytes.subarray(0, at), Buffer.from("x"), bytes.subarray(at + 1)]));
    await expect(iou(source, { concept: "tag", masks: other, device })).rejects.toThrow(
      "Expected masks of neurons but this is another kind of file",
    );
    writeFileSync(other, bytes.subarray(0, bytes.length - 5));
    await expect(iou(source, { concept: "tag", masks: other, device })).rejects.toThrow(other);
  });
});

describe("mask files refuse", () => {
  const path = join(folder, "m.safetensors");
  test.each([
    [{ masks: path, threshold: 1 }, "Expected nothing beside masks for threshold but received 1"],
    [{ masks: path, quantile: 0.1 }, "Expected nothing beside masks for quantile but received 0.1"],
    [{ masks: path, masksOut: path }, "Expected nothing beside masks for masksOut"],
    [{ masksOut: path, threshold: "match" as const }, "Expected nothing beside threshold match for masksOut"],
  ])("%j", async (options, message) => {
    await expect(iou(source, { concept: "tag", ...options })).rejects.toThrow(message);
  });

  test("a folder that is not there, before any work", async () => {
    const missing = join(folder, "none", "m.safetensors");
    await expect(iou(source, { concept: "tag", masksOut: missing })).rejects.toThrow(missing);
  });
});
