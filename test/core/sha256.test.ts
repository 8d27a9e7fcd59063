import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Fingerprint, fingerprint, fingerprintFile } from "../../src/core/sha256.js";
import { temporaryFolder } from "../temporary-folder.js";

const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2, appendix B.1

describe("a fingerprint", () => {
  it("is SHA-256, whatever the pieces", () => {
    expect(fingerprint("abc")).toBe(ABC);
    expect(new Fingerprint().add("a").add(new TextEncoder().encode("bc")).finish()).toBe(ABC);
  });

  it("of a file is that of its bytes, also where it takes more than one piece", async () => {
    const path = join(temporaryFolder(), "file");
    const bytes = new Uint8Array(3_000_001).map((_, i) => i * 7);
    writeFileSync(path, bytes);
    expect(await fingerprintFile(path)).toBe(fingerprint(bytes));
    await expect(fingerprintFile(path, AbortSignal.abort())).rejects.toThrow(/abort/);
  });
});
