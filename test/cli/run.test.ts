import { describe, expect, test } from "vitest";
import { commands, loadCommand } from "../../src/cli/commands.js";
import { version } from "../../src/core/version.js";
import { neurometry } from "./command-line.js";

describe("neurometry", () => {
  test("prints every command and its summary", async () => {
    const { code, stdout } = await neurometry([]);
    expect(code).toBe(0);
    for (const { name, summary } of commands) expect(stdout).toMatch(new RegExp(`^ {2}${name} +${summary}$`, "m"));
    expect(await neurometry(["--help"])).toMatchObject({ code: 0, stdout });
  });

  test("prints its version", async () => {
    expect(await neurometry(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  test.each(commands.map(({ name }) => name))("%s --help says what it takes, with an example", async (name) => {
    const command = await loadCommand(name);
    expect(command.name).toBe(name);
    const { code, stdout } = await neurometry([name, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(command.summary);
    for (const option of Object.keys(command.options)) expect(stdout).toContain(`--${option}`);
    expect(stdout).toContain(`neurometry ${command.examples[0]}`);
  });

  test("refuses an unknown command with a near name, in one sentence and with exit code 2", async () => {
    const { code, stdout, stderr } = await neurometry(["devics"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain('(did you mean "devices"?) for command but received "devics"');
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("neurometry devices", () => {
  test("lists native with its instruction set, and the software GPU with why it is not chosen", async () => {
    const { code, stdout } = await neurometry(["devices"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/native {2}\(chosen by auto\)\n {4}features: isa:/);
    expect(stdout).toMatch(/webgpu:swiftshader.*\n {4}not chosen: a software GPU/);
  });

  test("prints JSON with --json", async () => {
    const { stdout } = await neurometry(["devices", "--json"]);
    const devices = JSON.parse(stdout) as { name: string; chosen: boolean }[];
    expect(devices.filter(({ chosen }) => chosen)).toHaveLength(1);
    expect(devices.map(({ name }) => name)).toContain("native");
  });

  test("names the instruction set that NEUROMETRY_ISA asked for, and refuses one that is unknown", async () => {
    expect((await neurometry(["devices"], undefined, { NEUROMETRY_ISA: "plain" })).stdout).toContain("isa:plain");
    const { stdout } = await neurometry(["devices"], undefined, { NEUROMETRY_ISA: "avx9000" });
    expect(stdout).toContain('but received "avx9000"');
  });
});
