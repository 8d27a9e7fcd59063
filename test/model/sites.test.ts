import { describe, expect, it } from "vitest";
import { findSite, layerOf, type ModelSite, selectSites, summarizeSites } from "../../src/model/sites.js";

const layer = (n: number): ModelSite[] => [
  { name: `layers.${n}.attention.out`, width: 4 },
  { name: `layers.${n}.attention.scores`, width: null },
  { name: `layers.${n}.mlp.hidden`, width: 16 },
  { name: `layers.${n}.residual`, width: 4 },
];
const sites: ModelSite[] = [
  { name: "embed", width: 4 },
  ...Array.from({ length: 12 }, (_, n) => layer(n)).flat(),
  { name: "logits", width: 9 },
];
const names = (selector: string | string[]) => selectSites(sites, selector).map(({ name }) => name);

describe("a selector", () => {
  it("names one site", () => {
    expect(selectSites(sites, "embed")).toEqual([{ name: "embed", width: 4, offset: 0 }]);
  });

  it("chooses by globs, ranges and commas, in the model's order and each site once", () => {
    expect(names("layers.*.residual").length).toBe(12);
    expect(names("layers.2-3.mlp.hidden")).toEqual(["layers.2.mlp.hidden", "layers.3.mlp.hidden"]);
    expect(names("layers.10.residual, embed,layers.2.residual, layers.9-10.residual")).toEqual([
      "embed",
      "layers.2.residual",
      "layers.9.residual",
      "layers.10.residual",
    ]);
    expect(names(["logits", "embed"])).toEqual(["embed", "logits"]);
    expect(names("layers.1*.residual")).toEqual(["layers.1.residual", "layers.10.residual", "layers.11.residual"]);
  });

  it("puts sites side by side", () => {
    expect(selectSites(sites, "layers.0.*,embed").map(({ offset }) => offset)).toEqual([0, 4, 8, 24]);
  });

  it("lets a last * stand for all that is left, and skips attention scores", () => {
    expect(names("layers.0.*")).toEqual(["layers.0.attention.out", "layers.0.mlp.hidden", "layers.0.residual"]);
    expect(names("*").length).toBe(2 + 12 * 3);
    expect(names("layers.*.attention.*").length).toBe(12);
  });

  it("is refused when it matches nothing, with the sites and the near names", () => {
    expect(() => names("layers.0.residal")).toThrow(
      'Expected a site of the model: embed, layers.0-11.attention.out, layers.0-11.attention.scores, layers.0-11.mlp.hidden, layers.0-11.residual, logits (did you mean "layers.0.residual"?) for sites but received "layers.0.residal"',
    );
    expect(() => names("layers.10-12.residual")).toThrow('but received "layers.12.residual"');
    expect(() => names("layers.3-2.residual")).toThrow("Expected ranges from a lower to a higher layer for sites");
    expect(() => names("embed,")).toThrow('but received ""');
    expect(() => names("layers.0.attention.scores")).toThrow("Expected sites of a fixed width for sites");
    expect(() => names("layer(s")).toThrow("Expected a site of the model");
  });
});

describe("a site", () => {
  it("is found by its exact name only", () => {
    expect(findSite(sites, "layers.3.attention.scores").width).toBeNull();
    expect(() => findSite(sites, "layers.*.residual")).toThrow("Expected a site of the model");
  });

  it("tells its layer", () => {
    expect([layerOf("layers.11.mlp.hidden"), layerOf("encoder.layers.2.residual"), layerOf("embed")]).toEqual([
      11,
      2,
      null,
    ]);
  });

  it("is listed in short", () => {
    expect(summarizeSites(sites.slice(0, 5))).toBe(
      "embed, layers.0.attention.out, layers.0.attention.scores, layers.0.mlp.hidden, layers.0.residual",
    );
    const residuals = [0, 1, 2, 4, 6, 7].map((layer) => ({ name: `layers.${layer}.residual` }));
    expect(summarizeSites([...residuals, { name: "final" }])).toBe(
      "layers.0-2.residual, layers.4.residual, layers.6-7.residual, final",
    );
  });
});
