import { expect, test } from "vitest";
import { layerProfile } from "../../src/evaluation/layer-profile.js";

const sites = [
  { name: "layers.0.residual", width: 2, offset: 0 },
  { name: "layers.1.residual", width: 6, offset: 2 },
];

test("counts the best neurons of each site, beside what its width lets expect", () => {
  const order = Uint32Array.of(0, 7, 1, 2, 3, 4, 5, 6);
  expect(layerProfile(sites, { order }, 4)).toEqual([
    { site: sites[0], count: 2, ratio: 2 },
    { site: sites[1], count: 2, ratio: 2 / 3 },
  ]);
});

test("is 1 everywhere when all neurons are taken, and 0 when none is", () => {
  const order = Uint32Array.of(7, 6, 5, 4, 3, 2, 1, 0);
  expect(layerProfile(sites, { order }, 8).map(({ ratio }) => ratio)).toEqual([1, 1]);
  expect(layerProfile(sites, { order }, 0).map(({ ratio }) => ratio)).toEqual([0, 0]);
});
