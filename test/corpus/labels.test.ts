import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NpyType, npyHeader } from "../../src/core/npy.js";
import { readLabels } from "../../src/corpus/labels.js";

let folder: string;
const write = async (name: string, content: string | Uint8Array) => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};
const npy = (type: NpyType, shape: number[], values: ArrayBufferView) =>
  Buffer.concat([npyHeader(type, shape), new Uint8Array(values.buffer)]);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "labels-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("readLabels", () => {
  test("reads one label a line, in text", async () => {
    const labels = await readLabels(await write("a.txt", "b\na\n\nb\n"), 4);
    expect(labels).toMatchObject({ name: { key: "labels", value: null }, classes: ["a", "b"] });
    expect([...labels.labels]).toEqual([1, 0, -1, 1]);
  });

  test("reads integers as classes", async () => {
    const labels = await readLabels(await write("i.npy", npy("i8", [3], BigInt64Array.of(10n, -2n, 10n))), 3);
    expect(labels.classes).toEqual(["-2", "10"]);
    expect([...labels.labels]).toEqual([1, 0, 1]);
  });

  test("reads booleans as one concept", async () => {
    const labels = await readLabels(await write("b.npy", npy("b1", [3, 1], Uint8Array.of(0, 1, 0))), 3);
    expect(labels).toMatchObject({ name: { key: "labels", value: "true" }, classes: ["true"] });
    expect([...labels.labels]).toEqual([-1, 0, -1]);
  });

  test("refuses another number of labels than rows", async () => {
    await expect(readLabels(await write("l.txt", "a\nb\n"), 3)).rejects.toThrow(
      "l.txt: Expected 3 labels, one a row, but found 2",
    );
  });

  test("refuses labels without a positive, and without a negative", async () => {
    const none = await write("n.npy", npy("b1", [2], Uint8Array.of(0, 0)));
    await expect(readLabels(none, 2)).rejects.toThrow("Expected labels with a positive for labels but received");
    const all = await write("all.npy", npy("b1", [2], Uint8Array.of(1, 1)));
    await expect(readLabels(all, 2)).rejects.toThrow("Expected a concept that some of the 2 rows lack");
  });

  test("refuses fractions, more dimensions, and a missing file", async () => {
    const fractions = await write("f.npy", npy("f8", [2], Float64Array.of(0, 0.5)));
    await expect(readLabels(fractions, 2)).rejects.toThrow(
      "Expected integers or booleans but found elements of type f8",
    );
    const matrix = await write("m.npy", npy("u1", [2, 2], Uint8Array.of(0, 1, 1, 0)));
    await expect(readLabels(matrix, 4)).rejects.toThrow("Expected one dimension of labels but found the shape (2, 2)");
    await expect(readLabels(join(folder, "missing"), 1)).rejects.toThrow("missing: there is no such file");
  });
});
