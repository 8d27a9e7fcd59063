import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { loadCommand } from "../src/cli/commands.js";
import { findMethod } from "../src/cli/method-options.js";
import { parse } from "../src/cli/parse.js";
import type { Method } from "../src/methods/table.js";
import { temporaryFolder } from "./temporary-folder.js";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const scripts = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts as Record<string, string>;
const commands = [...readme.matchAll(/^[ $]*npx neurometry (.+)$/gm)].map((match) => match[1] ?? "");

test("the README shows commands", () => expect(commands.length).toBeGreaterThan(10));

test.each(commands)("the README's command is taken: %s", async (line) => {
  const [name = "", ...rest] = splitWords(line.replace(/\s+#.*$/, ""));
  const command = await loadCommand(name);
  const { words } = parse(command, rest);
  if (["rank", "group", "compare"].includes(name)) findMethod(name as Method["command"], words[0] ?? "");
});

test("the README's npm scripts exist", () => {
  const named = [...readme.matchAll(/npm (?:run )?(test|demo|bench|test:data|bench:peers)\b/g)].map(
    (match) => match[1] ?? "",
  );
  expect(named).toEqual(expect.arrayContaining(["demo", "test"]));
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

const programs = [...readme.matchAll(/```ts\n([\s\S]+?)```/g)].map((match) => match[1] ?? "");

test("the README shows programs", () => expect(programs.length).toBe(2));

test.each(programs)("the README's program prints what it shows: %s", async (program) => {
  const file = join(temporaryFolder(), "program.mjs");
  const plain = program.replaceAll("await using", "const").replace('"neurometry"', JSON.stringify(pathToFileURL(join(root, "dist/index.js")).href)); // biome-ignore format: one line
  writeFileSync(file, `${plain}\nprocess.exit(0);\n`); // Node 20 has no \`await using\`, so nothing is disposed of
  const { stdout, stderr } = spawnSync(process.execPath, [file], { cwd: root, encoding: "utf8" });
  expect(stderr).toBe("");
  const [, shown] = /\/\/ (.+)\n$/.exec(program) ?? [];
  const words = (text: string) => text.match(/[\w.:]+/g) ?? [];
  expect(words(stdout).slice(0, words(shown ?? "").length)).toEqual(words(shown ?? ""));
});

/** Words as a shell splits them, with single and double quotes. */
function splitWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
}
