import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const data = process.env.NEUROMETRY_DATA ?? join(root, "../shared/data");
export const work = join(root, ".cache/studies");
export const workPath = (name) => join(work, name);

/** Of what the numbers depend on: the compiled library, the addon and the shaders. */
const parts = ["dist", "build/Release/neurometry.node", "shaders"];

/** Whether the results in the folder are of another program than this one. */
let foreign = false;

/**
 * The program whose results stand in the folder of work, as its readers know it: never two in one folder. Another program
 * than the last one's begins with an empty folder.
 *
 * @param keep whether to take what is there, whichever program made it
 */
export function openWork({ keep }) {
  const kept = workPath("program.json");
  const there = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : null;
  const own = ownProgram();
  foreign = there !== null && there.fingerprint !== own.fingerprint;
  if (there && (keep || !foreign)) return there;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  writeFileSync(kept, JSON.stringify(own));
  foreign = false;
  return own;
}

/** Results of two programs never stand beside each other. @throws where a command would add to those of another program */
export function expectOwn(command) {
  if (foreign) throw new Error(`Expected the result of "${command}" among those kept: run without --keep`);
}

function ownProgram() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const git = ["log", "-1", "--format=%h", "--", "src", "native", "shaders", "package-lock.json", "CMakeLists.txt"];
  const commit = execFileSync("git", git, { cwd: root, encoding: "utf8" }).trim();
  const sum = createHash("sha256");
  for (const path of parts.flatMap(filesIn)) sum.update(path).update(readFileSync(join(root, path)));
  return { version, commit, fingerprint: sum.digest("hex") };
}

function filesIn(path) {
  if (!existsSync(join(root, path))) throw new Error(`Expected ${path} in ${root}: npm run build makes it`);
  if (/\.\w+$/.test(path)) return [path];
  const names = readdirSync(join(root, path), { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath.slice(root.length + 1), entry.name))
    .sort();
}
