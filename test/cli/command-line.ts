import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
/** The program that `npx neurometry` starts. */
export const program = join(root, "dist/cli.js");

/** How a command ended and what it said. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `neurometry` with these words as a process of its own, in a folder of the caller's. */
export async function neurometry(
  words: readonly string[],
  folder = root,
  variables: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  expectFreshBuild();
  const child = spawn(process.execPath, [program, ...words], {
    cwd: folder,
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return await outcomeOf(child);
}

/** Waits for a process, and collects what it prints. */
export function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => stdout.push(text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout: stdout.join(""), stderr: stderr.join("") }));
  });
}

let checked = false;

function expectFreshBuild(): void {
  if (checked) return;
  const newest = Math.max(...files(join(root, "src")).map((file) => statSync(file).mtimeMs));
  if (!existsSync(program) || statSync(program).mtimeMs < newest) {
    throw new Error("Expected dist/ to be newer than src/: run `node src/setup/run.mjs` first");
  }
  checked = true;
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}
