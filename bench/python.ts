import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.js";
import { summarise, type Timing } from "./timing.js";

/** The same work in Python: `setup` runs once, `run` is timed. */
export interface PythonPeer {
  readonly setup: string;
  readonly run: string;
  /** The share of the work that `run` does, where all of it would take minutes: times are divided by it. */
  readonly part?: number;
  /** Such as OPENBLAS_CORETYPE: a peer as installed, and as well configured as we can make it. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The Python of the peers. */
export const pythonProgram = join(root, "bench/peers/.venv/bin/python");

/** Whether `npm run bench:peers` has set the Python peers up, and nobody asked to leave them out. */
export const hasPeers = existsSync(pythonProgram) && !process.env.NEUROMETRY_BENCH_ALONE;

/** Times a Python peer in a process of its own, or gives null where the peers are not set up. */
export function timePython(peer: PythonPeer, threads: number, seconds = 2): (Timing & { peakBytes: number }) | null {
  if (!hasPeers) return null;
  const environment = { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads), ...peer.environment };
  const { status, stdout, stderr } = spawnSync(pythonProgram, [join(root, "bench/peers/time_peer.py")], {
    input: JSON.stringify({ setup: peer.setup, run: peer.run, seconds, threads }),
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  if (status !== 0) throw new Error(`The Python peer failed: ${stderr.trim().split("\n").at(-1)}`);
  const { samples, peakBytes } = JSON.parse(stdout) as { samples: number[]; peakBytes: number };
  return { ...summarise(samples.map((sample) => sample / (peer.part ?? 1))), peakBytes };
}

/** What the Python peers are: names and versions. */
export function versions(): string {
  const code =
    "import sys, importlib.metadata as m; print(', '.join(['Python ' + sys.version.split()[0]] + [n + ' ' + m.version(n) for n in ['numpy', 'scipy', 'torch', 'scikit-learn', 'transformers', 'transformer-lens']]))";
  return spawnSync(pythonProgram, ["-c", code], { encoding: "utf8" }).stdout.trim();
}
