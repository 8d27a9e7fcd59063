import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Forgets the peak of this process' memory, so that `peakBytes` is that of what follows. Linux only; elsewhere it stays. */
export function resetPeak(): void {
  if (process.platform === "linux") writeFileSync("/proc/self/clear_refs", "5");
}

/** How large a model's weights are, as a sentence shows it beside the peaks of memory. */
export function weightsSize(model: string): string {
  return `${Math.round(statSync(join(model, "model.safetensors")).size / 2 ** 20)} MiB of weights`;
}

/** The most memory that this process held since `resetPeak`, in bytes; mapped files count. */
export function peakBytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
  return Number(line![1]) * 1024;
}
