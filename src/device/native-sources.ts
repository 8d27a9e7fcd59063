import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { DeviceError } from "../core/errors.js";

const folder = fileURLToPath(new URL("../../native", import.meta.url));

/**
 * Expects an addon of the sources that lie here: kernels of others may read their arguments in another order.
 *
 * @throws DeviceError that says how to build it
 */
export function expectSources({ sources }: { readonly sources?: string }): void {
  if (sources === sourcesFingerprint()) return;
  throw new DeviceError("native", "the addon was built from other sources than these: run `npm run build:native`");
}

/** SHA-256 of the names and contents of native/, in hex; native/fingerprint.cmake writes the same into the addon. */
export function sourcesFingerprint(): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(cpp|h)$/.test(file))
    .map((file) => file.replaceAll(sep, "/"))
    .toSorted();
  const lines = files.map((file) => `${file} ${sha256(readFileSync(join(folder, file)))}\n`);
  return sha256(lines.join(""));
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
