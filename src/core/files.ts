import type { Stats } from "node:fs";
import { type FileHandle, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { FileError } from "./errors.js";

/** What a file is made of: one piece, or pieces in their order. */
export type Content = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** Where a file or a store stands while it is being written. */
export function partialPath(path: string): string {
  return `${path}.partial`;
}

/**
 * Calls `write` with a temporary path beside `path` and renames what it made to `path`: a reader sees the old
 * file or the whole new one. If `write` fails or is aborted the temporary file is removed.
 *
 * @throws FileError that names `path` where it cannot be written or the disk is full
 */
export async function writeAtomically(path: string, write: (partial: string) => Promise<void>): Promise<void> {
  const partial = partialPath(path);
  try {
    await write(partial);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true, recursive: true }).catch(() => undefined); // the first error is the one to tell
    throw fileError(path, error, "written");
  }
}

/** Writes a file in one go or not at all; see `writeAtomically`. */
export async function writeFileAtomically(path: string, content: Content, signal?: AbortSignal): Promise<void> {
  await writeAtomically(path, async (partial) => {
    await writeFile(partial, content, signal ? { signal } : {});
    signal?.throwIfAborted();
  });
}

/** Writes bytes at a place in a file, all of them: a nearly full disk takes fewer at a time before it says that it is full. */
export async function writeWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/**
 * Checks before long work that a file can be written at `path`, and leaves nothing behind.
 *
 * @throws FileError if the folder is missing or closed to us, or `path` is a folder
 */
export async function expectWritable(path: string): Promise<void> {
  if (await isFolder(path)) throw new FileError(path, REASONS.EISDIR("written"));
  const partial = partialPath(path);
  try {
    await writeFile(partial, "", { flag: "a" });
    if ((await stat(partial)).size === 0) await rm(partial);
  } catch (error) {
    throw fileError(path, error, "written");
  }
}

/** Makes a folder and those above it. @throws FileError if it cannot be made */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw fileError(path, error, "written");
  }
}

/** Whether something is at `path`. @throws FileError if that cannot be told */
export async function exists(path: string): Promise<boolean> {
  return (await statOrNull(path)) !== null;
}

/** Whether `path` is a folder; false where nothing is there. @throws FileError if that cannot be told */
export async function isFolder(path: string): Promise<boolean> {
  return (await statOrNull(path))?.isDirectory() ?? false;
}

async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return null;
    throw fileError(path, error, "read");
  }
}

/** The error of the operating system as one sentence about `path`; any other error as it is. */
export function fileError(path: string, error: unknown, action: "read" | "written"): unknown {
  const code = errorCode(error);
  if (code === null) return error;
  const reason = REASONS[code as keyof typeof REASONS]?.(action) ?? `cannot be ${action}: ${code}`;
  return new FileError(path, reason, undefined, { cause: error });
}

const REASONS = {
  ENOENT: (action: string) =>
    action === "read" ? "there is no such file" : "cannot be written because its folder does not exist",
  ENOTDIR: (action: string) => `cannot be ${action} because a part of its path is not a folder`,
  EISDIR: (action: string) => `cannot be ${action} because it is a folder`,
  EACCES: (action: string) => `cannot be ${action} because permission is denied`,
  EPERM: (action: string) => `cannot be ${action} because permission is denied`,
  EROFS: (action: string) => `cannot be ${action} because the file system is read-only`,
  ENOSPC: (action: string) => `cannot be ${action} because the disk is full`,
  EDQUOT: (action: string) => `cannot be ${action} because the disk quota is used up`,
  EFBIG: (action: string) => `cannot be ${action} because the file would be too large for the file system`,
  ENAMETOOLONG: (action: string) => `cannot be ${action} because its name is too long`,
  ENOTEMPTY: (action: string) => `cannot be ${action} because a folder of that name is there`,
  EEXIST: (action: string) => `cannot be ${action} because something of that name is there`,
};

function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("errno" in error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}
