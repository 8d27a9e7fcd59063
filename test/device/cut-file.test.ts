import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/select.js";
import { GramSums } from "../../src/kernels/gram-sums.js";

const [rows, columns] = [4096, 64];
const bytes = rows * columns * 4;

describe("a mapped file that becomes shorter while it is read", () => {
  let folder = "";
  let path = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "neurometry-cut-"));
    path = join(folder, "values.f32");
    writeFileSync(
      path,
      Float32Array.from({ length: rows * columns }, (_, i) => i % 7),
    );
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("is told as such where its values are downloaded, and the device goes on", async () => {
    await using device = await openDevice("native");
    using cut = device.adopt({ path, byteOffset: 0, bytes });
    truncateSync(path, 8192);
    await expect(device.download(cut, new Float32Array(rows * columns))).rejects.toThrow(
      `${path}: is cut short: expected at least ${bytes} bytes but it has 8192`,
    );
    using rest = device.adopt({ path, byteOffset: 0, bytes: 8192 });
    expect([...(await device.download(rest, new Float32Array(8)))]).toEqual([0, 1, 2, 3, 4, 5, 6, 0]);
  });

  test("is told as such where kernels read it, on all threads", async () => {
    await using device = await openDevice("native");
    using cut = device.adopt({ path, byteOffset: 0, bytes });
    using sums = new GramSums(device, columns);
    await sums.add(cut, rows);
    truncateSync(path, 4096);
    await expect(sums.add(cut, rows)).rejects.toThrow(`${path}: is cut short: expected at least ${bytes} bytes`);
  });

  test("does not count where it has grown again since", async () => {
    await using device = await openDevice("native");
    using cut = device.adopt({ path, byteOffset: 0, bytes });
    truncateSync(path, 0);
    const reading = device.download(cut, new Float32Array(rows * columns));
    await expect(reading).rejects.toThrow("is cut short");
    truncateSync(path, bytes);
    await expect(device.download(cut, new Float32Array(4))).rejects.toThrow("became shorter while it was read");
  });
});
