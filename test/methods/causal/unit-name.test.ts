import { expect, test } from "vitest";
import { unitName } from "../../../src/methods/causal/unit-name.js";

const site = (name: string, width: number) => [{ name, width, offset: 0 }];

test("a layer has no number of its own, whichever stack it is of", () => {
  expect(unitName(site("layers.3", 1), 0)).toBe("layers.3");
  expect(unitName(site("decoder.layers.3", 1), 0)).toBe("decoder.layers.3");
});

test("all others have one, also where there is only one of them", () => {
  expect(unitName(site("layers.3.attention.heads", 1), 0)).toBe("layers.3.attention.heads:0");
  expect(unitName(site("groups", 4), 3)).toBe("groups:3");
});
