import { mkdirSync, writeFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Strip } from "../../src/methods/visualization/strips.js";
import { stripPage } from "../../src/reports/strip-page.js";
import { stripSvg } from "../../src/reports/strip-svg.js";
import { terminalStrip } from "../../src/reports/terminal-strip.js";
import { baseDirection, columnsOf, visualOrder } from "../../src/reports/text-direction.js";
import { openBrowser, openPage } from "../browser.js";

/** Sentences of words: a shade each. */
function stripOf(...sentences: readonly (readonly string[])[]): Strip {
  const shades = [1, -0.8, 0.5, -0.3, 0.7, 0.2];
  return {
    neuron: "layers.0.residual:1",
    column: 1,
    kind: "word",
    sentences: sentences.map((words, sentence) => ({
      sentence,
      tokens: words.map((text, row) => ({ row, text, value: shades[row]!, shade: shades[row]! })),
    })),
  };
}

const hebrew = ["הילד", "קרא", "2", "ספרים", "של", "Tolkien"];
const arabic = ["قرأ", "الولد", "الكتاب", "."];
const english = ["He", "said", "שלום", "עולם", "again"];
const strip = stripOf(hebrew, arabic, english);

describe("right-to-left scripts", () => {
  test("give a sentence the direction of its first letter, and every run of tokens its own", () => {
    expect([hebrew, arabic, english, ["12", "!"]].map(baseDirection)).toEqual(["rtl", "rtl", "ltr", "ltr"]);
    expect(visualOrder(hebrew)).toEqual([5, 4, 3, 2, 1, 0]);
    expect(visualOrder(["של", "New", "York", "!"])).toEqual([3, 1, 2, 0]);
    expect(visualOrder(english)).toEqual([0, 1, 3, 2, 4]);
    expect(visualOrder(["a", ",", "b"])).toEqual([0, 1, 2]);
    expect(["ab", "שָׁ", "漢字", ""].map(columnsOf)).toEqual([2, 1, 4, 0]);
  });

  test("are marked for terminals, every value behind its token", () => {
    const [, first, , third] = terminalStrip(strip, { colour: "plain" }).split("\n");
    expect(first).toMatch(/^\u2067\u2068הילד\u2069\(1\) .*Tolkien\(0\.2000\)\u2069$/);
    expect(third).toBe("He(1) said(−0.8000) \u2068שלום\u2069(0.5000) \u2068עולם\u2069(−0.3000) again(0.7000)");
    expect(terminalStrip(strip, { colour: "ansi" }).split("\n")[2]).toMatch(/^\u2067.*\u2069$/);
    expect(terminalStrip(stripOf(["left", "right"]), { colour: "ansi" })).not.toMatch(/[\u2066-\u2069]/);
  });

  describe("in a browser", () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await openBrowser();
    });
    afterAll(() => browser.close());

    test.each([
      ["HTML", stripPage([strip]), ".strip .token"],
      ["SVG", stripSvg(strip), "svg g rect"],
    ])("read from right to left in %s", async (name, content, tokens) => {
      const page = await openPage(browser);
      await page.setContent(content);
      const boxes = await Promise.all((await page.locator(tokens).all()).map((token) => token.boundingBox()));
      const titles = await page.locator(name === "SVG" ? "svg g title" : tokens).evaluateAll((found) => found.map((one) => one.getAttribute("title") ?? one.textContent ?? "")); // biome-ignore format: one line
      const folder = process.env.NEUROMETRY_SCREENSHOTS;
      if (folder) {
        mkdirSync(folder, { recursive: true });
        await page.screenshot({ path: `${folder}/strips-${name}.png`, fullPage: true });
        writeFileSync(`${folder}/strips.${name.toLowerCase()}`, content);
      }
      const middle = (word: string) => {
        const { x, width } = boxes[titles.findIndex((title) => title.startsWith(JSON.stringify(word)))]!;
        return x + width / 2;
      };
      const falling = (words: readonly string[]) => {
        for (const [i, word] of words.entries()) {
          if (i > 0) expect(middle(word), word).toBeLessThan(middle(words[i - 1]!));
        }
      };
      falling(hebrew);
      falling(arabic);
      falling(["again", "שלום", "עולם", "said", "He"]);
      await page.close();
    });
  });
});
