import { expect, test } from "vitest";
import { top } from "../../src/methods/top.js";

const ranking = {
  order: Uint32Array.of(2, 0, 1),
  sites: [
    { name: "layers.0.residual", width: 1, offset: 0 },
    { name: "layers.1.residual", width: 2, offset: 1 },
  ],
};

test("names the best neurons, best first", () => {
  expect(top(ranking, 2)).toEqual(["layers.1.residual:1", "layers.0.residual:0"]);
});

test("names all of them where there are fewer", () => {
  expect(top(ranking)).toHaveLength(3);
  expect(top(ranking, 0)).toEqual([]);
});
