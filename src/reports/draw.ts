import * as Plot from "@observablehq/plot";
import { type Html, trusted } from "./html.js";
import { SvgDocument } from "./svg-document.js";

/** Draws a plot without a browser; colours are the stylesheet's variables, so they follow light and dark. */
export function draw(name: string, options: Plot.PlotOptions): Html {
  const style = "overflow:visible;font:12px/1.3 inherit";
  const svg = Plot.plot({
    document: new SvgDocument(),
    width: 640,
    style,
    className: "plot",
    ariaLabel: name,
    ...options,
  });
  return trusted(`${svg}`.replace("<svg ", '<svg role="img" '));
}
