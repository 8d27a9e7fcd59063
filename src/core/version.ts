import { readFileSync } from "node:fs";

/** The version of this package, as results quote it. */
export const version: string = readVersion(new URL("../../package.json", import.meta.url));

function readVersion(file: URL): string {
  const read: { readonly version: string } = JSON.parse(readFileSync(file, "utf8"));
  return read.version;
}
