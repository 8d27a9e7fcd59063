import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Line, record } from "./measure.js";
import { type ProcessCost, runProcess } from "./processes.js";
import { hasPeers, pythonProgram } from "./python.js";
import { root } from "./root.js";
import { summarise } from "./timing.js";

/** What one size of a whole command is given, and what it is compared with; every path is inside `folder`. */
export interface CommandCase {
  /** The words behind `neurometry`. */
  readonly ours: readonly string[];
  /** A script of bench/peers and its arguments, by the peer's name. */
  readonly peers: Readonly<Record<string, readonly [script: string, ...args: string[]]>>;
  /** Compares what both wrote. Returns the largest difference; throws when it is too large. Without peers: ours alone. */
  check(has: { readonly peers: boolean }): number | null | Promise<number | null>;
}

/** A whole command, from files to files, beside the same in Python; each time a process of its own. */
export interface CommandBenchmark<Size extends { readonly label: string }> {
  readonly name: string;
  readonly about: string;
  readonly dtype: string;
  readonly unit: Line["unit"];
  readonly sizes: readonly [Size, Size, Size];
  work(size: Size): number;
  prepare(size: Size, folder: string): CommandCase | Promise<CommandCase>;
}

const repeats = 3;

/** What a command writes: the word behind `--out`. */
function outputOf(words: readonly string[]): string {
  const out = words[words.indexOf("--out") + 1];
  if (!words.includes("--out") || out === undefined)
    throw new Error(`Expected --out FILE but received ${words.join(" ")}`);
  return out;
}

/** Runs ours and the peers three times at each size, checks what they wrote, and records the middle. */
export async function benchmarkCommand<Size extends { readonly label: string }>(
  benchmark: CommandBenchmark<Size>,
): Promise<void> {
  const folder = join(root, ".cache/bench-commands", benchmark.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const size of benchmark.sizes) {
    const trial = await benchmark.prepare(size, folder);
    const ours = await repeat(() => {
      rmSync(outputOf(trial.ours), { recursive: true, force: true }); // a finished store would be found and kept
      return runProcess(process.execPath, [join(root, "dist/cli.js"), ...trial.ours, "--quiet"]);
    });
    const peers: [string, ReturnType<typeof costOf>][] = [];
    for (const [by, [script, ...args]] of hasPeers ? Object.entries(trial.peers) : []) {
      peers.push([by, await repeat(() => runProcess(pythonProgram, [join(root, "bench/peers", script), ...args]))]);
    }
    const error = await trial.check({ peers: hasPeers });
    const { name, about, dtype, unit } = benchmark;
    const line = { benchmark: name, about, dtype, unit, size: size.label, work: benchmark.work(size) };
    const rest = { threads: availableParallelism(), share: null, quiet: true };
    record({ ...line, ...rest, ...ours, by: "neurometry", ours: true, error });
    for (const [by, cost] of peers) record({ ...line, ...rest, ...cost, by, ours: false, error: null });
  }
  rmSync(folder, { recursive: true });
}

async function repeat(run: () => Promise<ProcessCost>) {
  const costs: ProcessCost[] = [];
  for (let i = 0; i < repeats; i++) costs.push(await run());
  return costOf(costs);
}

function costOf(costs: readonly ProcessCost[]) {
  const peaks = costs.flatMap(({ peakBytes }) => (peakBytes === null ? [] : [peakBytes]));
  return { ...summarise(costs.map(({ seconds }) => seconds)), peakBytes: peaks.length > 0 ? Math.max(...peaks) : null };
}
