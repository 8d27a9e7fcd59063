import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";
import { commands } from "../src/cli/commands.js";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const folder = mkdtempSync(join(import.meta.dirname, "readme-program-"));

afterAll(() => rmSync(folder, { recursive: true }));

/** The README's code in a language, in order. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map((match) => match[1]!);
}

describe("the README", () => {
  test("has a program that runs as it stands and prints what it says", async () => {
    const [program] = blocks("ts");
    const file = join(folder, "program.ts");
    writeFileSync(file, program!.replace('"neurometry"', JSON.stringify(join(root, "src/index.ts"))));
    const printed: unknown[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((...values) => void printed.push(...values));
    try {
      await import(pathToFileURL(file).href);
    } finally {
      log.mockRestore();
    }
    const comment = /^\/\/ (.+)$/m.exec(program!.slice(program!.indexOf("console.log")))?.[1];
    expect(printed.map((value) => JSON.stringify(value)).join(" ")).toContain(comment);
  }, 120_000);

  test("speaks only of commands that there are", () => {
    const names = [...readme.matchAll(/npx neurometry ([a-z]+)/g)].map((match) => match[1]!);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !commands.some((command) => command.name === name))).toEqual([]);
  });

  test("speaks only of files that there are", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(() => readFileSync(join(root, link))).not.toThrow();
  });
});
