import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.js";

/** Operations per second that this machine can do at most, on all threads: P and its kin. */
export interface Ceiling {
  readonly isa: string;
  readonly threads: number;
  /** float32 operations from registers, a multiply-add counted as two; bits through AND + popcount; bytes from memory. */
  readonly flop: number;
  readonly bit: number;
  readonly byte: number;
  /** Whether all threads did at least .9 × threads what one did: else the machine is busy and no figure counts. */
  readonly quiet: boolean;
}

/** Measures the ceiling now (.5 s): per instruction set, as a kernel cannot do better than its own. */
export function measureCeiling(isa: string, threads: number): Ceiling {
  const found = JSON.parse(call(compile(), [isa, String(threads)])) as Record<
    "flop" | "bit" | "byte",
    [number, number]
  >;
  const quiet = threads === 1 || found.flop[1] >= 0.9 * threads * found.flop[0];
  return { isa, threads, flop: found.flop[1], bit: found.bit[1], byte: found.byte[1], quiet };
}

function compile(): string {
  const source = join(root, "bench/ceiling/ceiling.cpp");
  const binary = join(root, ".cache/ceiling");
  if (existsSync(binary) && statSync(binary).mtimeMs > statSync(source).mtimeMs) return binary;
  mkdirSync(join(root, ".cache"), { recursive: true });
  call("c++", ["-std=c++20", "-O3", "-o", binary, source, "-lpthread"]);
  return binary;
}

function call(program: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
  return stdout;
}
