import { closeSync, openSync, readSync, statSync } from "node:fs";
import { FileError } from "../core/errors.js";
import type { FileRegion } from "./device.js";

/** One read call takes at most this much. */
const readBytes = 2 ** 30;

/** @throws FileError if the file is missing or does not hold the region: it may have been cut since it was opened */
export function expectRegion({ path, byteOffset, bytes }: FileRegion): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new FileError(path, "there is no such file");
  const expected = byteOffset + bytes;
  if (size >= expected) return;
  throw new FileError(path, `is cut short: expected at least ${expected} bytes but it has ${size}`);
}

/** Reads a file region into `bytes`, which is as long. @throws FileError if the file is missing or shorter */
export function readRegion(bytes: Uint8Array, region: FileRegion): void {
  expectRegion(region);
  const { path, byteOffset, bytes: wanted } = region;
  const file = openSync(path, "r");
  try {
    const end = byteOffset + wanted;
    for (let done = 0; done < wanted; ) {
      const read = readSync(file, bytes, done, Math.min(wanted - done, readBytes), byteOffset + done);
      if (read === 0) throw new FileError(path, `ended after ${byteOffset + done} of ${end} bytes`);
      done += read;
    }
  } finally {
    closeSync(file);
  }
}
