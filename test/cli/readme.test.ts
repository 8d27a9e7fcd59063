import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry } from "./command-line.js";

const root = join(import.meta.dirname, "../..");
const folder = temporaryFolder();
const readme = readFileSync(join(root, "README.md"), "utf8");
const [, block] = /## The commands[\s\S]+?```\n([\s\S]+?)```/.exec(readme)!;
const commands = block!.split("$ npx neurometry ").slice(1);

test("the README's commands, one after another, print what it shows", async () => {
  cpSync(join(root, "src/demo"), join(folder, "src/demo"), { recursive: true });
  expect(commands.length).toBeGreaterThan(8);
  for (const text of commands) {
    const [line = "", ...shown] = text.trim().split("\n");
    const { code, stdout, stderr } = await neurometry([...wordsOf(line), "--device", "native", "--quiet"], folder);
    expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: "" });
    expectAlike(stdout.replaceAll(folder, "…"), shown.join("\n").replaceAll("///…/", "//…/"));
  }
});

/** The same words, and the same numbers but for the rounding of another processor's sums. */
function expectAlike(printed: string, shown: string): void {
  const [words, expected] = [printed, shown].map((text) => text.trim().split(/\s+/));
  expect(words!.map(withoutNumber)).toEqual(expected!.map(withoutNumber));
  words!.forEach((word, i) => {
    if (number.test(word)) expect(Math.abs(Number(word) / Number(expected![i]) - 1), word).toBeLessThan(2e-4);
  });
}

const number = /^\d+\.\d+$/;
const withoutNumber = (word: string): string => (number.test(word) ? "number" : word);

/** The words of a command line with single quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2]!);
}
