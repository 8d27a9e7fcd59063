import { basename } from "node:path";
import { Fingerprint, fingerprintFile } from "../core/sha256.js";

/** SHA-256, in hex, of the names and fingerprints of some files, one line `name fingerprint` each in the order of their names. */
export async function fingerprintFiles(paths: readonly string[]): Promise<string> {
  const whole = new Fingerprint();
  for (const path of paths.toSorted((a, b) => (basename(a) < basename(b) ? -1 : 1))) {
    whole.add(`${basename(path)} ${await fingerprintFile(path)}\n`);
  }
  return whole.finish();
}
