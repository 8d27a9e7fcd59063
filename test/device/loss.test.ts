import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { outcomeOf } from "../cli/command-line.js";
import { deviceNames } from "../devices.js";

/** A device that goes away while it works, in a process of its own, which must end by itself. */
const program = join(import.meta.dirname, "../fixtures/lose-device.mjs");
const cases = [
  ["native", "compiling"],
  ["native", "running"],
  ["native", "idle"],
  ["webgpu", "compiling"],
  ["webgpu", "running"],
  ["webgpu", "idle"],
  ["webgpu", "closing"],
].filter(([kind]) => deviceNames.some((name) => name.startsWith(kind!))) as [string, string][];

test.each(cases)(
  "%s lost while %s: every use from then on says so in a sentence, and the process ends",
  async (...words) => {
    const { code, stdout, stderr } = await outcomeOf(spawn(process.execPath, [program, ...words]));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const said = JSON.parse(stdout) as string[];
    expect(said).toHaveLength(4);
    for (const sentence of said)
      expect(sentence).toMatch(/^DeviceError: Cannot use the \S+ device: it has been closed$/);
  },
);
