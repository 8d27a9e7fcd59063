import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { FileError } from "../core/errors.js";
import type { FileRegion } from "./device.js";

/** One read call takes at most this much. */
const readBytes = 2 ** 30;

/** Reads a file region into `bytes`, which is as long. @throws FileError if the file is shorter */
export function readRegion(bytes: Uint8Array, { path, byteOffset, bytes: wanted }: FileRegion): void {
  const file = openSync(path, "r");
  try {
    const end = byteOffset + wanted;
    if (fstatSync(file).size < end) throw new FileError(path, `is shorter than ${end} bytes`);
    for (let done = 0; done < wanted; ) {
      const read = readSync(file, bytes, done, Math.min(wanted - done, readBytes), byteOffset + done);
      if (read === 0) throw new FileError(path, `ended after ${byteOffset + done} of ${end} bytes`);
      done += read;
    }
  } finally {
    closeSync(file);
  }
}
