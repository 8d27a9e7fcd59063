import { describe, expect, it } from "vitest";
import { compareSiteNames, isSiteName } from "../../src/activations/site-order.js";

describe("the order of sites", () => {
  it("has layers numerically, components as the design lists them, and strangers last", () => {
    const inOrder = [
      "embed",
      "layers.0.attention.query",
      "layers.0.attention.heads",
      "layers.0.mlp.hidden",
      "layers.0.residual",
      "layers.2.forward.hidden",
      "layers.2.backward.hidden",
      "layers.10.hidden",
      "layers.10.cell",
      "layers.10.gate.input",
      "layers.10.gate.candidate",
      "final",
      "logits",
      "encoder.layers.0.residual",
      "decoder.embed",
      "decoder.layers.0.cross.out",
      "apples",
      "pears",
    ];
    expect([...inOrder].sort().sort(compareSiteNames)).toEqual(inOrder);
  });

  it("knows which names are sites", () => {
    expect(["embed", "layers.3.mlp.hidden", "decoder.layers.0.cross.key"].every(isSiteName)).toBe(true);
    expect(["activations", "layer.3", "layers.x.hidden", "embedding"].some(isSiteName)).toBe(false);
  });
});
