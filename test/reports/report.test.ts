import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { report } from "../../src/reports/report.js";
import { openBrowser, openPage } from "../browser.js";
import { temporaryFolder } from "../temporary-folder.js";
import * as examples from "./examples.js";
import * as neurons from "./neuron-examples.js";
import { sourceExample } from "./source-example.js";

const folder = temporaryFolder();
const lowestContrast = readFileSync(join(import.meta.dirname, "../fixtures/lowest-contrast.js"), "utf8");
const results = [
  examples.rankingExample(),
  examples.valuesExample(),
  examples.curveExample(),
  examples.groupingExample(),
  examples.similarityExample(),
  neurons.contextsExample(),
  neurons.explanationExample(),
  neurons.maximizationExample(),
  neurons.alignmentExample(),
  examples.expertsExample(),
];

describe("in a browser", () => {
  let browser: Browser;
  let page: Page;
  const messages: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    const path = join(folder, "report.html");
    await writeFile(path, await report(results, { title: "A <b>title</b>", activations: sourceExample() }));
    browser = await openBrowser();
    page = await openPage(browser);
    page.on("console", (message) => messages.push(message.text()));
    page.on("pageerror", (error) => messages.push(error.message));
    page.on("request", (request) => requests.push(request.url()));
    page.on("dialog", async (dialog) => {
      messages.push(dialog.message());
      await dialog.dismiss();
    });
    await page.goto(pathToFileURL(path).href);
  });

  afterAll(async () => await browser?.close());

  test("asks for nothing but itself, and the browser has nothing to say", () => {
    expect(requests.filter((url) => !url.startsWith("file:"))).toEqual([]);
    expect(requests).toHaveLength(1);
    expect(messages).toEqual([]);
  });

  test("shows what a corpus or a result says as text, whatever it is", async () => {
    expect(await page.locator("h1").textContent()).toBe("A <b>title</b>");
    expect(await page.locator("script, h1 b, td b b").count()).toBe(0);
    expect(await page.locator("td b").first().textContent()).toBe("<b>");
    expect(await page.getByText("<script>alert(1)</script>").count()).toBeGreaterThan(0);
  });

  test("has a heading for every result and numbers its figures and tables", async () => {
    expect(await page.locator("h2").allTextContents()).toEqual([
      "Average precision: misc.Quote=Yes",
      "Probeless: upos",
      "Ablation: average precision for misc.Quote=Yes",
      "Correlation clusters",
      "CKA",
      "Contexts",
      "Compositional explanations",
      "Largest values: search by evolution",
      "Replicated text",
      "Average precision: upos",
      "Activation strips",
      "Provenance",
    ]);
    const figures = await page.locator("figcaption b").allTextContents();
    expect(figures).toEqual(figures.map((_, i) => `Figure ${i + 1}.`));
    const tables = await page.locator("caption b").allTextContents();
    expect(tables).toEqual(tables.map((_, i) => `Table ${i + 1}.`));
  });

  test("lists the best neuron first, with its sign", async () => {
    const cells = await page.locator("table").first().locator("tbody tr").first().locator("td").allTextContents();
    expect(cells).toEqual(["1", "layers.0.mlp.hidden:5", "0.9850", "small values"]);
  });

  test("writes formulas as text and as trees, the best neuron first", async () => {
    const table = page.locator("table", { hasText: "by IoU adjusted for chance" });
    const cells = await table.locator("tbody tr").first().locator("td").allTextContents();
    expect(cells.slice(0, 3)).toEqual([
      "layers.0.mlp.hidden:5",
      '((form=the OR form="<b>") AND NOT form=law)',
      "0.7000",
    ]);
    const leaves = await page.locator("ul.tree li:not(:has(li))").allTextContents();
    expect(leaves).toEqual(["form=the", 'form="<b>"', "form=law"]);
    expect(await page.locator("ul.tree b").allTextContents()).toEqual(["AND NOT", "OR"]);
  });

  test("lists n-grams beside the corpus' best, and draws how the searches came to them", async () => {
    const table = page.locator("table", { hasText: "when the model reads nothing else" });
    const cells = await table.locator("tbody tr").first().locator("td").allTextContents();
    expect(cells).toEqual(["layers.0.mlp.hidden:5", "the <i> שלום", "3.250", "3", "said the girl", "1.500", "6"]);
    const figure = page.locator("svg[aria-label='search for layers.0.mlp.hidden:5']");
    expect(await figure.locator("g[aria-label='line']").count()).toBe(2);
    expect(await figure.locator("g[aria-label='rule'] line").count()).toBe(1);
  });

  test("lists aligned concepts, the most selective neuron first", async () => {
    const table = page.locator("table", { hasText: "Neurons by selectivity" });
    expect(await table.locator("tbody tr td:first-child").allTextContents()).toEqual([
      "layers.0.mlp.hidden:5",
      "layers.0.mlp.hidden:4",
    ]);
    expect(await table.locator("tbody tr").nth(1).locator("td").last().textContent()).toBe("<u>law (2)");
  });

  test("counts experts, the values with the best ones first", async () => {
    const table = page.locator("table", { hasText: "above each threshold" });
    expect(await table.locator("th").allTextContents()).toEqual(["value", "> 0.5", "> 0.9"]);
    expect(await table.locator("tbody tr").first().locator("td").allTextContents()).toEqual(["VERB", "8", "4"]);
    expect(await table.locator("tbody tr td:first-child").allTextContents()).toEqual(["VERB", "X", "NOUN"]);
  });

  test("puts controls beside the best neuron of each value, those ahead of the rotation first", async () => {
    const table = page.locator("table", { hasText: "On held-out sentences" });
    expect(await table.locator("caption").textContent()).toMatch(
      /For 1 of 2 the neuron is ahead of the rotation.*Too few rows to hold some out: <script>/,
    );
    expect(await table.locator("tbody tr").first().locator("td").allTextContents()).toEqual([
      ...["VERB", "layers.1.mlp.hidden:4", "0.8000", "0.3000", "0.9000", "0.1000"],
    ]);
    expect(await table.locator("tbody tr").count()).toBe(2);
  });

  test("says of neurons with several concepts what they are on and off for", async () => {
    const table = page.locator("table", { hasText: "Neurons that speak of several concepts" });
    expect(await table.locator("tbody tr td").allTextContents()).toEqual([
      ...["layers.0.mlp.hidden:7", "switch", "form=the (0.5000)", "upos=<i> (−0.3750)", "1"],
    ]);
  });

  test("draws three curves with a band, and nothing is empty", async () => {
    const curve = page.locator("svg[aria-label='loss after ablation']");
    expect(await curve.locator("g[aria-label='line'] path").count()).toBe(3);
    expect(await curve.locator("g[aria-label='area'] path").count()).toBe(1);
    expect(await curve.locator("g[aria-label='rule'] line").count()).toBe(3 * 11 + 1); // intervals, and the whole model
    for (const svg of await page.locator("svg").all()) {
      const box = await svg.boundingBox();
      expect(box?.width).toBeGreaterThan(100);
      expect(await svg.locator("path, rect, circle").count()).toBeGreaterThan(2);
    }
    expect(await page.locator("svg").evaluateAll((all) => all.some((svg) => /NaN|undefined/.test(svg.outerHTML)))).toBe(
      false,
    );
  });

  test("strips show the tokens of the strongest sentence, shaded by sign, with the concept underlined", async () => {
    const strip = page.locator(".strips").first().locator(".strip").first();
    expect(await strip.locator(".token").allTextContents()).toEqual([
      "The",
      "girl",
      "said",
      ":",
      '"',
      "We",
      "<script>alert(2)</script>",
      '"',
    ]);
    expect(await strip.locator(".marked").allTextContents()).toEqual(['"', "We", "<script>alert(2)</script>"]);
    const shades = await strip
      .locator(".token")
      .evaluateAll((all) => all.map((one) => one.getAttribute("style") ?? ""));
    expect(shades.map((style) => style.includes("--below"))).toEqual([
      ...[false, false, false, false, true, true, true, false],
    ]);
    expect(await strip.locator(".token").nth(1).getAttribute("title")).toMatch(/^"girl": /);
  });

  test("a strip of a right-to-left sentence begins on the right", async () => {
    const strip = page.locator(".strip", { hasText: "קראתי" }).first();
    const first = await strip.locator(".token").first().boundingBox();
    const last = await strip.locator(".token").last().boundingBox();
    expect(first!.x).toBeGreaterThan(last!.x);
  });

  test.each(["light", "dark"] as const)(
    "text keeps a contrast of 4.5 with what is behind it, in the %s",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate(lowestContrast)).toBeGreaterThan(4.5);
    },
  );
});

test("the same results give the same bytes", async () => {
  const options = { activations: sourceExample() };
  expect(await report(results, options)).toBe(await report(results, options));
});

test("rankings of other sites than the activations' are not drawn over them", async () => {
  const source = { ...sourceExample(), sites: [{ name: "activations", width: 192, offset: 0 }] };
  await expect(report(results, { activations: source })).rejects.toThrow(
    'Expected activations of the rankings\' sites for activations but received "example"',
  );
});

test("strips are refused where the source has no texts", async () => {
  const source = { ...sourceExample(), table: null };
  await expect(report(results, { activations: source })).rejects.toThrow(
    'Expected rows with texts for activation strips for source but received "example"',
  );
});

test("damage stands with its intervals, what it is of, and what was left out", async () => {
  const ranking = examples.rankingExample();
  const low = ranking.scores.map((score) => score - 0.125);
  const high = ranking.scores.map((score) => score + 0.25);
  const damage = {
    ...ranking,
    method: "ablation",
    metric: "loss",
    baseline: 2.5,
    tokens: 120,
    skipped: 3,
    intervals: { level: 0.95, resamples: 1000, sentences: 40, low, high },
    perSentence: { file: "damage.sentences.npy", sentences: [0], counts: [120] },
  };
  const page = await report([damage], { title: "Damage" });
  expect(page).toContain("95 % interval");
  expect(page).toContain("<td>0.8600 to 1.235</td>"); // of the best: 0.985
  expect(page).toContain("Sentences that predict nothing are left out: 3.");
  expect(page).toContain("<code>damage.sentences.npy</code>");
});
