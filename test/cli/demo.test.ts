import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { openBrowser, openPage } from "../browser.js";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry, type Outcome } from "./command-line.js";

const folder = temporaryFolder();
const neuron = "layers.0.hidden:2";

describe("neurometry demo", () => {
  let outcome: Outcome;
  beforeAll(async () => {
    outcome = await neurometry(["demo", "--device", "native", "--quiet"], folder);
  });

  test("ends well, and says nothing on stderr when it is to be quiet", () => {
    expect(outcome.stderr).toBe("");
    expect(outcome.code).toBe(0);
  });

  test("finds the neuron for quotation marks with every method, and no neuron for brackets or sentiment", () => {
    expect(outcome.stdout).toContain(`average precision, IoU and probeless all choose ${neuron}.`);
    expect(average("inside quotes")).toEqual([0.985, 0.317]);
    expect(outcome.stdout).toMatch(/No neuron was found for inside brackets .+ and positive sentences /);
    expect(average("inside brackets")[0]).toBeLessThan(0.5);
    expect(average("positive sentences")[0]).toBeLessThan(0.3);
  });

  test("prints the table that the README shows", () => {
    const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
    const [, table] = /<!-- demo -->\n```\n([\s\S]+?)```/.exec(readme)!;
    expect(outcome.stdout).toContain(table);
  });

  test("shows that the model needs it: no other neuron does a tenth of its damage", () => {
    const [, without, random] =
      /Without \S+ it is ([\d.]+), without one neuron drawn at random ([\d.]+) \(the median of 10\)\.\n/.exec(
        outcome.stdout,
      )!;
    expect(Number(without)).toBeGreaterThan(0.5);
    expect(Number(random)).toBeLessThan(0.05);
    const [, first, second] = /comes from layers\.0\.hidden:2 \(([\d.]+)\), then \S+ \(([\d.]+)\)/.exec(
      outcome.stdout,
    )!;
    expect(Number(second)).toBeLessThan(Number(first) / 10);
  });

  test("continues sentences with the neuron as it is, off and on", () => {
    expect(outcome.stdout).toContain(`as it is                "We are very│ little," the boys will be very small.`);
    expect(outcome.stdout).toContain(`${neuron} = −1  "We are very│ little but they will be very small.`);
    expect(outcome.stdout).toContain(`${neuron} = +1  The keys near the cabinet│s will be very small," the boys`);
  });

  test("tells its speed beside ablating one neuron at a time, its device, and two commands that work", async () => {
    expect(outcome.stdout).toMatch(/42 rankings of 960 neurons, activations included: [\d.]+ s\. Ablating 192 neurons/);
    expect(outcome.stdout).toContain("Device: native");
    const root = join(import.meta.dirname, "../..");
    const next = [...outcome.stdout.matchAll(/npx neurometry (.+)/g)].map((match) => wordsOf(match[1]!));
    expect(next).toHaveLength(2);
    for (const words of next) expect((await neurometry(words, root)).code).toBe(0);
  });

  test("writes a report whose strips are deepest inside quotation marks", async () => {
    const [, address] = /Report: (file:.+)\n/.exec(outcome.stdout)!;
    expect(address).toBe(pathToFileURL(join(folder, "report.html")).href);
    const browser = await openBrowser();
    try {
      const page = await openPage(browser);
      const messages: string[] = [];
      page.on("console", (message) => messages.push(message.text()));
      await page.goto(address!);
      const tokens = page.locator(".strips").first().locator(".token");
      const shades = await tokens.evaluateAll((all) =>
        all.map((one) => {
          const style = one.getAttribute("style") ?? "";
          const shade = Number(/(\d+)%/.exec(style)?.[1]) * (style.includes("--above") ? 1 : -1);
          return { marked: one.className.includes("marked"), shade };
        }),
      );
      const mean = (marked: boolean) => {
        const some = shades.filter((one) => one.marked === marked);
        return some.reduce((sum, { shade }) => sum + shade, 0) / some.length;
      };
      expect(mean(true)).toBeGreaterThan(30);
      expect(mean(false)).toBeLessThan(10);
      expect(messages).toEqual([]);
    } finally {
      await browser.close();
    }
    expect(readFileSync(fileURLToPath(address!)).length).toBeLessThan(1_000_000);
  });

  /** The two average precisions that the table tells of the first model. */
  function average(name: string): number[] {
    const row = outcome.stdout.split("\n").find((line) => line.startsWith(name));
    return [...(row ?? "").matchAll(/ ([01]?\.\d{3})/g)].map((match) => Number(match[1])).slice(1, 3);
  }
});

/** The words of a command line with single quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2]!);
}
