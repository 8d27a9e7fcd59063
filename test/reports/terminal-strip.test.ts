import { expect, test } from "vitest";
import type { Strip } from "../../src/methods/visualization/strips.js";
import { stripPage } from "../../src/reports/strip-page.js";
import { stripSvg } from "../../src/reports/strip-svg.js";
import { terminalStrip } from "../../src/reports/terminal-strip.js";

const strip: Strip = {
  neuron: "layers.0.hidden:2",
  column: 2,
  kind: "word",
  sentences: [
    {
      sentence: 0,
      tokens: [
        { row: 0, text: "We", value: 0.9, shade: 1 },
        { row: 1, text: "<see>", value: -0.5, shade: -0.5 },
        { row: 2, text: ".", value: 0, shade: 0.05 },
      ],
    },
  ],
};

test("a terminal shows shades as backgrounds, deep for 1, pale below, none near 0", () => {
  expect(terminalStrip(strip, { colour: "ansi" })).toBe(
    "layers.0.hidden:2\n\x1b[38;5;16;48;5;208mWe\x1b[0m \x1b[38;5;16;48;5;117m<see>\x1b[0m .",
  );
});

test("without colours every token has its value", () => {
  expect(terminalStrip(strip, { colour: "plain" })).toBe("layers.0.hidden:2\nWe(0.9000) <see>(−0.5000) .(0)");
});

test("a token cannot write escape sequences of its own", () => {
  const token = { row: 0, text: "\x1b[2J", value: 0, shade: 0 };
  const hostile = { ...strip, sentences: [{ sentence: 0, tokens: [token] }] };
  expect(terminalStrip(hostile, { colour: "ansi" })).toBe("layers.0.hidden:2\n␛[2J");
});

test("as a picture every token stands on its shade, escaped, with its value as title", () => {
  const svg = stripSvg(strip);
  expect(svg).toContain("&#60;see&#62;</text>");
  expect(svg).toContain("&#34;We&#34;: 0.9000</title>");
  expect(svg.match(/class="above"/g)).toHaveLength(2);
  expect(svg.match(/class="below" fill-opacity="0.31"/g)).toHaveLength(1);
  expect(svg).not.toContain("<see>");
});

test("as a page of its own it has a heading, a legend, and the tokens", () => {
  const page = stripPage([strip]);
  expect(page).toContain("<h1>layers.0.hidden:2</h1>");
  expect(page).toContain('class="legend"');
  expect(page).toContain('title="&#34;We&#34;: 0.9000">We</span>');
});
