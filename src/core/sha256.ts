import { createHash } from "node:crypto";
import { openForReading } from "./reading.js";

/** A SHA-256 fingerprint that grows with what it is fed; the pieces do not matter, only the bytes. */
export class Fingerprint {
  readonly #hash = createHash("sha256");

  add(data: string | NodeJS.ArrayBufferView): this {
    this.#hash.update(data);
    return this;
  }

  /** 64 hex digits; nothing can be added afterwards. */
  finish(): string {
    return this.#hash.digest("hex");
  }
}

/** The SHA-256 fingerprint, in hex, of something in memory. */
export function fingerprint(data: string | NodeJS.ArrayBufferView): string {
  return new Fingerprint().add(data).finish();
}

/** The SHA-256 fingerprint, in hex, of a file's bytes, read in pieces. @throws FileError if it cannot be read */
export async function fingerprintFile(path: string, signal?: AbortSignal): Promise<string> {
  const file = await openForReading(path);
  try {
    const whole = new Fingerprint();
    const piece = new Uint8Array(2 ** 20);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(piece, 0, piece.length, null);
      if (bytesRead === 0) return whole.finish();
      whole.add(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
