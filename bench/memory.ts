import { readFileSync, writeFileSync } from "node:fs";

/** Forgets the peak of this process' memory, so that `peakBytes` is that of what follows. Linux only; elsewhere it stays. */
export function resetPeak(): void {
  if (process.platform === "linux") writeFileSync("/proc/self/clear_refs", "5");
}

/** The most memory that this process held since `resetPeak`, in bytes; mapped files count. */
export function peakBytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
  return Number(line![1]) * 1024;
}
