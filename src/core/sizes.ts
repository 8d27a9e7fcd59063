import { totalmem } from "node:os";
import { ArgumentError } from "./errors.js";

const units: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/** Bytes that a text such as `2GB` or `512 MiB` says. @throws ArgumentError for a text that says no size */
export function parseSize(name: string, text: string): number {
  const [, number = "", unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text) ?? [];
  const bytes = Number(number) * (units[unit.toUpperCase()] ?? Number.NaN);
  if (bytes >= 1) return Math.floor(bytes);
  throw new ArgumentError(name, "a size such as 800MB, 2GB or 4GiB", text);
}

/** A number of bytes in the unit that a reader expects, rounded up: `312 MB`, `2.5 GB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1e9) return `${Math.ceil(bytes / 1e6)} MB`;
  return `${Math.ceil(bytes / 1e8) / 10} GB`;
}

/** Bytes of memory that this process may have: the machine's, or its container's. */
export function machineBytes(): number {
  const container = process.constrainedMemory?.() ?? 0; // 0, or beyond all measure, where there is no limit
  return container > 0 ? Math.min(container, totalmem()) : totalmem();
}
