// What every step of the set-up is made of: a command that must succeed, and a stamp that says it need not run again.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the clone. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** The folder for what can be made again. */
export const cache = join(root, ".cache");

/** A step failed; the message is the sentence that the user sees. */
export class SetupError extends Error {}

/** Says on stderr what is being done. */
export function say(sentence) {
  console.error(`set-up: ${sentence}`);
}

/** Runs a command in the root, and throws its output and `failure` as a SetupError when it fails. */
export function run(command, args, failure, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28, ...options });
  if (result.status === 0) return result.stdout;
  const output = `${result.stdout ?? ""}${result.stderr ?? ""}${result.error ? result.error.message : ""}`.trim();
  throw new SetupError(`${output}\n${failure}`);
}

/** Whether a program is on the PATH. */
export function has(program) {
  return (process.env.PATH ?? "").split(":").some((folder) => folder !== "" && existsSync(join(folder, program)));
}

/** SHA-256 over the names and contents of files and folders of the root, and over further words. */
export function fingerprint(paths, words = []) {
  const hash = createHash("sha256").update(JSON.stringify([process.platform, process.arch, ...words]));
  for (const file of paths.flatMap(listFiles).sort()) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

function listFiles(path) {
  const entries = readdirOrNull(join(root, path));
  return entries ? entries.flatMap((entry) => listFiles(join(path, entry))) : [path];
}

function readdirOrNull(path) {
  try {
    return readdirSync(path);
  } catch (error) {
    if (error.code === "ENOTDIR") return null;
    throw error;
  }
}

/** Runs `work` unless it last succeeded with the same fingerprint and what it made is still there. */
export function unlessDone(name, mark, product, work) {
  const stamp = join(cache, "stamps", name);
  if (existsSync(product) && existsSync(stamp) && readFileSync(stamp, "utf8") === mark) return;
  work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, mark);
}
