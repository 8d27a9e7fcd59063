import { type FileHandle, open, readFile } from "node:fs/promises";
import { FileError } from "./errors.js";
import { fileError } from "./files.js";

/** Opens a file for reading. @throws FileError if it is missing, a folder, or closed to us */
export async function openForReading(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, "r");
    if (!(await file.stat()).isDirectory()) return file;
    await file.close();
  } catch (error) {
    throw fileError(path, error, "read");
  }
  throw new FileError(path, "cannot be read because it is a folder");
}

/**
 * Fills `into` with the bytes of a file from `byteOffset` on.
 *
 * @throws FileError with both lengths if the file ends before
 */
export async function readExactly(
  file: FileHandle,
  path: string,
  into: ArrayBufferView,
  byteOffset: number,
): Promise<void> {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  let done = 0;
  while (done < bytes.length) {
    const piece = bytes.subarray(done, done + LARGEST_READ);
    const { bytesRead } = await file.read(piece, 0, piece.length, byteOffset + done);
    if (bytesRead === 0) throw cutShort(path, byteOffset + bytes.length, byteOffset + done);
    done += bytesRead;
  }
}

/** The size of a file in bytes. @throws FileError if it is missing or shorter than `atLeast` bytes */
export async function expectBytes(path: string, atLeast: number): Promise<number> {
  const file = await openForReading(path);
  try {
    const { size } = await file.stat();
    if (size < atLeast) throw cutShort(path, atLeast, size);
    return size;
  } finally {
    await file.close();
  }
}

/** A whole text file. @throws FileError if it cannot be read */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw fileError(path, error, "read");
  }
}

/** One read of the operating system stops short of 2 GiB. */
const LARGEST_READ = 2 ** 30;

function cutShort(path: string, expected: number, size: number): FileError {
  return new FileError(path, `is cut short: expected at least ${expected} bytes but it has ${size}`);
}
