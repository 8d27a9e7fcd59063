import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a process took from its start to its end. */
export interface ProcessCost {
  readonly seconds: number;
  /** The most memory it held, mapped files included; sampled every 20 ms, on Linux. */
  readonly peakBytes: number | null;
}

/** Runs a program to its end. @throws Error with what it said on stderr if it fails */
export async function runProcess(
  program: string,
  args: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Promise<ProcessCost> {
  const start = process.hrtime.bigint();
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...variables } });
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text));
  let peakBytes: number | null = null;
  const sampler = setInterval(() => {
    peakBytes = peakOf(child.pid) ?? peakBytes;
  }, 20);
  try {
    const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${said.join("").trim()}`);
  } finally {
    clearInterval(sampler);
  }
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, peakBytes };
}

function peakOf(pid: number | undefined): number | null {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return line ? Number(line[1]) * 1024 : null;
  } catch {
    return null; // it has ended, or this is no Linux
  }
}
