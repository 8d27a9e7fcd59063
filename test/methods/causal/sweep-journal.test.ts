import { appendFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { batchesOfJournal, removeJournal, SweepJournal } from "../../../src/methods/causal/sweep-journal.js";
import { temporaryFolder } from "../../temporary-folder.js";

const folder = temporaryFolder();
const identity = { model: "a".repeat(64), value: "zero", label: null, seed: 0 };
const batches = { batchTokens: 64, spanAblations: 8 };
let made = 0;
const newPath = () => join(folder, `${made++}.sweep.partial`);

/** Three records of two numbers each. */
async function written(path: string): Promise<void> {
  await using journal = await SweepJournal.open(path, identity, batches);
  expect(await journal.next(2)).toBeNull();
  for (const first of [1, 2, 3]) await journal.append(Float64Array.of(first, first / 3));
}

async function kept(path: string): Promise<(number[] | null)[]> {
  await using journal = await SweepJournal.open(path, identity, batches);
  const all: (number[] | null)[] = [];
  for (let i = 0; i < 4; i++) {
    const record = await journal.next(2);
    all.push(record && [...record]);
  }
  return all;
}

/** Lets a file take some bytes more; then it is as full as `full`, which takes none. */
function fillUpAfter(bytes: number, file: FileHandle, full: FileHandle): void {
  const write = file.write.bind(file);
  let left = bytes;
  const value = async (content: Uint8Array, offset: number, length: number, position: number) => {
    if (left === 0) return await full.write(content, offset, length);
    const taken = Math.min(left, length);
    left -= taken;
    return await write(content, offset, taken, position);
  };
  Object.defineProperty(file, "write", { value });
}

const [first, second, third] = [1, 2, 3].map((value) => [value, value / 3]);

describe("a journal of a sweep", () => {
  test("gives back what was kept, bit for bit, and then nothing", async () => {
    const path = newPath();
    await written(path);
    expect(await kept(path)).toEqual([first, second, third, null]);
  });

  test("drops what was cut short, at whatever byte, and goes on from there", async () => {
    const path = newPath();
    await written(path);
    const whole = readFileSync(path);
    const header = whole.indexOf("\n") + 1;
    const record = (whole.length - header) / 3;
    for (let size = 0; size <= whole.length; size++) {
      writeFileSync(path, whole.subarray(0, size));
      const records = Math.max(0, Math.floor((size - header) / record));
      expect(await kept(path), `${size} bytes`).toEqual([
        ...[first, second, third].slice(0, records),
        ...new Array(4 - records).fill(null),
      ]);
      expect(statSync(path).size).toBe(header + records * record);
    }
  });

  test("does not believe a record that is damaged, or one behind it", async () => {
    const path = newPath();
    await written(path);
    const bytes = readFileSync(path);
    bytes[bytes.length - 50]! ^= 1; // in the second record or the digest of the third
    writeFileSync(path, bytes);
    const found = await kept(path);
    expect(found.filter((record) => record !== null).length).toBeLessThan(3);
    expect(found[0]).toEqual(first);
  });

  test("does not believe records that changed places", async () => {
    const path = newPath();
    await written(path);
    const bytes = readFileSync(path);
    const header = bytes.indexOf("\n") + 1;
    const record = (bytes.length - header) / 3;
    const [head, one, two] = [0, 1, 2].map((i) =>
      i === 0 ? bytes.subarray(0, header) : bytes.subarray(header + (i - 1) * record, header + i * record),
    );
    writeFileSync(path, Buffer.concat([head!, two!, one!]));
    expect(await kept(path)).toEqual([null, null, null, null]);
  });

  test("can be added to after it was cut short", async () => {
    const path = newPath();
    await written(path);
    truncateSync(path, statSync(path).size - 1);
    {
      await using journal = await SweepJournal.open(path, identity, batches);
      for (let i = 0; i < 3; i++) await journal.next(2);
      await journal.append(Float64Array.of(7, 8));
    }
    expect(await kept(path)).toEqual([first, second, [7, 8], null]);
  });

  test("says that the disk is full in the middle of a record, and goes on from the one before when there is room", async () => {
    const path = newPath();
    await written(path);
    {
      await using full = await open("/dev/full", "w");
      await using journal = await SweepJournal.open(path, identity, batches);
      for (let i = 0; i < 4; i++) await journal.next(2);
      fillUpAfter(7, journal.file, full);
      await expect(journal.append(Float64Array.of(4, 5))).rejects.toThrow(
        `${path}: cannot be written because the disk is full`,
      );
    }
    expect(await kept(path)).toEqual([first, second, third, null]);
  });

  test("refuses the journal of another sweep in one sentence, and takes its place when told so", async () => {
    const path = newPath();
    await written(path);
    await expect(SweepJournal.open(path, { ...identity, value: "mean" }, batches)).rejects.toThrow(
      "holds a sweep with another value (zero): continue that one, choose another name, or begin anew with --force",
    );
    await expect(SweepJournal.open(path, { ...identity, model: "b".repeat(64) }, batches)).rejects.toThrow(
      "holds a sweep with another model: continue that one",
    );
    expect(await kept(path)).toHaveLength(4);
    await (await SweepJournal.open(path, { ...identity, seed: 1 }, batches, { existing: "replace" }))[
      Symbol.asyncDispose
    ]();
    await expect(SweepJournal.open(path, identity, batches)).rejects.toThrow("another seed (1)");
  });

  test("has the batches it began with; there are none where nothing was begun", async () => {
    const path = newPath();
    expect(await batchesOfJournal(path, identity)).toBeNull();
    expect(existsSync(path)).toBe(false);
    await written(path);
    expect(await batchesOfJournal(path, identity)).toEqual(batches);
    const other = { ...identity, label: "x" };
    await expect(batchesOfJournal(path, other)).rejects.toThrow("holds a sweep with another label (none): continue");
    await expect(SweepJournal.open(path, identity, { ...batches, batchTokens: 65 })).rejects.toThrow(
      "batchTokens (64)",
    );
    writeFileSync(path, '{"format":');
    expect(await batchesOfJournal(path, identity)).toBeNull();
  });

  test.each([2, 4])("of another version's format, %i, is refused until it is told to be replaced", async (version) => {
    const path = newPath();
    const before = `neurometry sweep ${version}`;
    writeFileSync(path, `${JSON.stringify({ format: before, ...identity, ...batches })}\n12345678`);
    const bytes = readFileSync(path);
    const message = `holds a sweep as another version writes it (${before}; here neurometry sweep 3): choose another name, or begin anew with --force`;
    await expect(SweepJournal.open(path, identity, batches)).rejects.toThrow(message);
    await expect(batchesOfJournal(path, identity)).rejects.toThrow(message);
    expect(readFileSync(path)).toEqual(bytes);
    const anew = await SweepJournal.open(path, identity, batches, { existing: "replace" });
    await anew[Symbol.asyncDispose]();
    expect(await kept(path)).toEqual([null, null, null, null]);
  });

  test.each(["hello\n", '{"format": "something else"}\n'])("refuses a file that is none: %j", async (text) => {
    const path = newPath();
    appendFileSync(path, text);
    await expect(SweepJournal.open(path, identity, batches)).rejects.toThrow("is there already and is no sweep");
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("refuses a folder that is not there, and is gone when removed", async () => {
    const path = newPath();
    await expect(SweepJournal.open(join(path, "x"), identity, batches)).rejects.toThrow("its folder does not exist");
    await written(path);
    await removeJournal(path);
    await removeJournal(path);
    expect(existsSync(path)).toBe(false);
  });
});
