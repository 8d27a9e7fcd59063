import { expect, test } from "vitest";
import { curveFigure } from "../../src/reports/curve-figure.js";

const ends = (width: number): number[] => {
  const flat = (y: number) => [4.6, y];
  const around = (y: number) => ({ low: [4.6 - width, y - width], high: [4.6 + width, y + width] });
  const [top, random, bottom] = [4.63, 4.62, 4.61];
  const intervals = { top: around(top), random: around(random), bottom: around(bottom) };
  const curve = { fractions: [0, 1], counts: [0, 9], top: flat(top), random: flat(random), bottom: flat(bottom), draws: [], baseline: 4.6, intervals }; // biome-ignore format: one line
  const labels = [
    ...String(curveFigure(curve, "loss")).matchAll(
      /<g[^>]*text-anchor="start"[^>]*>.*?translate\([\d.]+,([\d.]+)\).*?>(top|random|bottom)</g,
    ),
  ];
  expect(labels.map(([, , name]) => name)).toEqual(["top", "random", "bottom"]);
  const shifts = [
    ...String(curveFigure(curve, "loss")).matchAll(
      /<g[^>]*text-anchor="start"[^>]*transform="translate\([^,]+,([-\d.]+)\)/g,
    ),
  ];
  return labels.map(([, y], i) => Number(y) + Number(shifts[i]![1]));
};

test.each([0, 0.4, 40])("names of curves that end close together stand apart, with intervals of ± %d", (width) => {
  const [top, random, bottom] = ends(width);
  expect(random! - top!).toBeGreaterThan(11);
  expect(bottom! - random!).toBeGreaterThan(11);
});
