import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FileError } from "../../src/core/errors.js";
import { expectWritable, fileError, isFolder, writeAtomically, writeFileAtomically } from "../../src/core/files.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();

describe("writing a file atomically", () => {
  it("replaces an old file by the pieces of the new one", async () => {
    const path = join(folder, "out.json");
    writeFileSync(path, "old");
    await writeFileAtomically(path, ["a", new TextEncoder().encode("b"), "c"]);
    expect(readFileSync(path, "utf8")).toBe("abc");
    expect(existsSync(`${path}.partial`)).toBe(false);
  });

  it("keeps the old file and leaves nothing half-written where the content fails", async () => {
    const path = join(folder, "kept.json");
    writeFileSync(path, "old");
    async function* content() {
      yield "new";
      throw new RangeError("no more");
    }
    await expect(writeFileAtomically(path, content())).rejects.toThrow(RangeError);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(existsSync(`${path}.partial`)).toBe(false);
  });

  it("stops and cleans up when it is aborted", async () => {
    const path = join(folder, "aborted.json");
    const stop = new AbortController();
    async function* content() {
      yield "new";
      stop.abort();
      yield "er";
    }
    await expect(writeFileAtomically(path, content(), stop.signal)).rejects.toThrow(/abort/);
    expect(readdirSync(folder).filter((name) => name.startsWith("aborted"))).toEqual([]);
  });

  it("says that the disk is full", async () => {
    const path = join(folder, "full.json");
    const write = async (): Promise<void> => {
      const full = await open("/dev/full", "w");
      try {
        await full.write("x");
      } finally {
        await full.close();
      }
    };
    await expect(writeAtomically(path, write)).rejects.toThrow(`${path}: cannot be written because the disk is full`);
  });

  it.each([
    ["a/missing/folder/out.json", "because its folder does not exist"],
    ["file/out.json", "because a part of its path is not a folder"],
    ["folder", "because it is a folder"],
  ])("refuses %s %s", async (name, reason) => {
    writeFileSync(join(folder, "file"), "");
    mkdirSync(join(folder, "folder"), { recursive: true });
    const path = join(folder, name);
    await expect(writeFileAtomically(path, "x")).rejects.toThrow(new FileError(path, `cannot be written ${reason}`));
    await expect(expectWritable(path)).rejects.toThrow(new FileError(path, `cannot be written ${reason}`));
    expect(existsSync(`${path}.partial`)).toBe(false);
  });
});

describe("checking that a file can be written", () => {
  it("leaves nothing behind", async () => {
    await expectWritable(join(folder, "later.json"));
    expect(readdirSync(folder).filter((name) => name.startsWith("later"))).toEqual([]);
  });
});

describe("an error of the operating system", () => {
  it("keeps its cause, and other errors stay as they are", () => {
    const cause = Object.assign(new Error("EROFS"), { errno: -30, code: "EROFS" });
    expect(fileError("x", cause, "written")).toMatchObject({
      message: "x: cannot be written because the file system is read-only",
      cause,
    });
    const other = new RangeError("other");
    expect(fileError("x", other, "written")).toBe(other);
  });
});

describe("asking for a folder", () => {
  it("is false where nothing is there", async () => {
    expect(await isFolder(folder)).toBe(true);
    expect(await isFolder(join(folder, "nothing"))).toBe(false);
  });
});
