import * as Plot from "@observablehq/plot";
import { expect, test } from "vitest";
import { SvgDocument } from "../../src/reports/svg-document.js";

test("writes what Plot draws, every text and attribute escaped", () => {
  const bars = [{ name: `<a & "b">`, value: 3 }];
  const svg = String(
    Plot.plot({ document: new SvgDocument(), marks: [Plot.barX(bars, { x: "value", y: "name", title: "name" })] }),
  );
  expect(svg).toContain("&#60;a &#38; &#34;b&#34;&#62;");
  expect(svg).not.toContain(`<a & "b">`);
  expect(svg.match(/<rect /g)).toHaveLength(1);
  expect(svg.match(/<g/g)?.length).toBe(svg.match(/<\/g>/g)?.length);
});

test("moves a node that is inserted elsewhere", () => {
  const { documentElement: root } = new SvgDocument();
  const [first, second] = ["a", "b"].map((name) => root.appendChild(root.ownerDocument.createElement(name)));
  root.insertBefore(second!, first!);
  expect(String(root)).toBe("<svg><b></b><a></a></svg>");
});
