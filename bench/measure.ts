import { appendFileSync } from "node:fs";
import type { Device } from "../src/device/device.js";
import { openDevice } from "../src/device/select.js";
import { type Ceiling, measureCeiling } from "./ceiling.js";
import { peakBytes, resetPeak } from "./memory.js";
import { type PythonPeer, timePython } from "./python.js";
import { type Timing, time } from "./timing.js";

/** What a benchmark's `prepare` makes for one size. */
export interface Case<Result> {
  /** What is timed, on the device. */
  run(): Promise<Result>;
  /** Compares a result with the slow truth, on a sample where it is large. Returns the largest error; throws when it is wrong. */
  check(result: Result): number | Promise<number>;
  /** The same work otherwise, in this process: "gpu.js", "plain TypeScript". Leave one out where it would take minutes. */
  readonly peers?: Readonly<Record<string, () => unknown>>;
  /** The same work in Python, timed when `npm run bench:peers` has set it up. */
  readonly python?: Readonly<Record<string, PythonPeer>>;
  dispose?(): void;
}

/** One computation at three sizes. `work` is in units of `unit`, and time should grow as it does. */
export interface Benchmark<Size extends { readonly label: string }, Result> {
  /** The stem of the file. */
  readonly name: string;
  /** What is computed and how big the sizes are, in one sentence. */
  readonly about: string;
  readonly dtype: string;
  readonly sizes: readonly [Size, Size, Size];
  work(size: Size): number;
  /** What grows between the sizes, and to what: time and arithmetic are then set against it too. */
  grown?(size: Size): { readonly what: string; readonly to: number };
  /** What `work` counts; flop, bit and byte have a ceiling that a share is given of. */
  readonly unit: "flop" | "bit" | "byte" | "pair" | "token" | "neuron" | "row";
  prepare(device: Device, size: Size): Case<Result> | Promise<Case<Result>>;
}

/** One line of the table. */
export interface Line extends Timing {
  readonly benchmark: string;
  readonly about: string;
  readonly unit: string;
  readonly dtype: string;
  readonly size: string;
  readonly by: string;
  readonly ours: boolean;
  readonly work: number;
  readonly grown?: { readonly what: string; readonly to: number };
  readonly threads: number;
  /** Share of the ceiling of this unit, measured just before; null where the unit has none. */
  readonly share: number | null;
  readonly error: number | null;
  readonly peakBytes: number | null;
  readonly quiet: boolean;
}

/**
 * Checks the answer, then times: ours on the device that NEUROMETRY_DEVICE names (native), then every peer, at each
 * size. Prints a line each, and adds it as JSON to the file that NEUROMETRY_BENCH_OUT names.
 */
export async function benchmark<Size extends { readonly label: string }, Result>(
  description: Benchmark<Size, Result>,
): Promise<void> {
  await using device = await openDevice(process.env.NEUROMETRY_DEVICE ?? "native");
  for (const size of description.sizes) await measureSize(description, device, size);
}

async function measureSize<Size extends { readonly label: string }, Result>(
  description: Benchmark<Size, Result>,
  device: Device,
  size: Size,
): Promise<void> {
  const { name, about, unit, dtype } = description;
  const threads = device.description.limits.threads ?? 1;
  const isa = isaOf(device);
  const ceiling = isa === null ? null : measureCeiling(isa, threads);
  const grown = description.grown?.(size);
  const work = description.work(size);
  const line = { benchmark: name, about, unit, dtype, size: size.label, work, ...(grown && { grown }), threads };
  const trial = await description.prepare(device, size);
  const error = await trial.check(await trial.run());
  resetPeak();
  const ours = await time(() => trial.run());
  const by = isa === null ? device.description.name : `neurometry (${isa})`;
  const own = { ...line, ...ours, by, ours: true, error, peakBytes: peakBytes(), quiet: ceiling?.quiet ?? true };
  record({ ...own, share: shareOf(ceiling, unit, line.work / ours.median) });
  const peer = { ...line, ours: false, error: null, share: null, quiet: ceiling?.quiet ?? true };
  for (const [by, work] of Object.entries(trial.peers ?? {})) {
    record({ ...peer, ...(await time(work)), by, threads: 1, peakBytes: null });
  }
  for (const [by, python] of Object.entries(trial.python ?? {})) {
    const timing = timePython(python, threads);
    if (timing) record({ ...peer, ...timing, by });
  }
  trial.dispose?.();
}

function isaOf(device: Device): string | null {
  return device.description.features.find((feature) => feature.startsWith("isa:"))?.slice("isa:".length) ?? null;
}

function shareOf(ceiling: Ceiling | null, unit: string, rate: number): number | null {
  return ceiling && (unit === "flop" || unit === "bit" || unit === "byte") ? rate / ceiling[unit] : null;
}

/** Prints a line for people, and keeps it for the table. */
export function record(line: Line): void {
  const rate = `${(line.work / line.median).toPrecision(4)} ${line.unit}/s`;
  const share = line.share === null ? "" : `, ${(100 * line.share).toFixed(0)} % of the ceiling`;
  const noise = line.quiet ? "" : " (the machine was busy: this does not count)";
  console.error(
    `${line.benchmark} ${line.size}: ${line.by} ${(1e3 * line.median).toPrecision(4)} ms, ${rate}${share}${noise}`,
  );
  if (process.env.NEUROMETRY_BENCH_OUT) appendFileSync(process.env.NEUROMETRY_BENCH_OUT, `${JSON.stringify(line)}\n`);
}
