import { execFileSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { npyHeader } from "../../src/core/npy.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const program = fileURLToPath(new URL("../fixtures/stream-file.mjs", import.meta.url));

/** A file with a hole where its numbers are: zeros that take no disk. */
function sparse(name: string, header: Uint8Array, bytes: number): string {
  const path = join(folder, name);
  writeFileSync(path, header);
  truncateSync(path, header.length + bytes);
  return path;
}

/** About 200 MB are seen where numbers are converted; blocks that V8 has yet to collect are 16 MB each. */
it("a file of 600 MB streams with less than 400 MB of anonymous memory, mapped or converted", () => {
  const plain = sparse("plain.npy", npyHeader("f4", [150_000, 1000]), 600_000_000);
  const doubles = sparse("doubles.npy", npyHeader("f8", [75_000, 1000]), 600_000_000);
  for (const path of [plain, doubles]) {
    const { most, rows, sum } = JSON.parse(execFileSync(process.execPath, [program, path], { encoding: "utf8" }));
    expect(most, path).toBeLessThan(400);
    expect(rows).toBeGreaterThan(74_000);
    expect(sum).toBe(0);
  }
});
