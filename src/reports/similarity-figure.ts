import * as Plot from "@observablehq/plot";
import { draw } from "./draw.js";
import type { Html } from "./html.js";
import { shown } from "./numbers.js";

/** A square matrix of similarities between 0 and 1, with its values where they fit. */
export function similarityFigure(names: readonly string[], values: readonly (readonly number[])[]): Html {
  const cells = names.flatMap((row, i) => names.map((column, j) => ({ row, column, value: values[i]![j]! })));
  const margin = Math.min(240, 12 + 6.3 * Math.max(...names.map((name) => name.length)));
  const size = Math.max(18, Math.min(56, 400 / names.length));
  return draw("similarities", {
    width: margin + size * names.length + 20,
    height: margin + size * names.length + 20,
    marginLeft: margin,
    marginBottom: margin,
    padding: 0.04,
    x: { label: null, domain: names, tickRotate: -90 },
    y: { label: null, domain: names },
    marks: [
      Plot.cell(cells, {
        x: "column",
        y: "row",
        fill: "var(--top)",
        fillOpacity: (cell: { value: number }) => 0.05 + 0.5 * Math.max(0, Math.min(1, cell.value)),
        title: (cell: { row: string; column: string; value: number }) =>
          `${cell.row}, ${cell.column}: ${shown(cell.value)}`,
      }),
      ...(size >= 34
        ? [Plot.text(cells, { x: "column", y: "row", text: (cell: { value: number }) => cell.value.toFixed(2) })]
        : []),
    ],
  });
}
