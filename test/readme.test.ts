import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadCommand } from "../src/cli/commands.js";
import { findMethod } from "../src/cli/method-options.js";
import { parse } from "../src/cli/parse.js";
import type { Method } from "../src/methods/table.js";

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

/** Words as a shell splits them, with single and double quotes. */
function splitWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
}
