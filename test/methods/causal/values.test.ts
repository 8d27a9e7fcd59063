import { afterAll, expect, test } from "vitest";
import { random } from "../../../src/core/random.js";
import type { Site } from "../../../src/core/sites.js";
import { type Ablation, measureAblations } from "../../../src/methods/causal/measure.js";
import { mean } from "../../../src/methods/causal/metric.js";
import type { Passage } from "../../../src/methods/causal/passages.js";
import { type Change, findReplacement, type ReplacementName } from "../../../src/methods/causal/replacement.js";
import { loadModel } from "../../../src/model/load.js";
import type { Model } from "../../../src/model/model.js";
import { selectSites } from "../../../src/model/sites.js";
import { openTestDevice } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { families, metricsOf, passagesOf, plain } from "./plain-loop.js";

const opened = openTestDevice("native");
afterAll(async () => await (await opened)[Symbol.asyncDispose]());

const values: readonly ReplacementName[] = ["zero", 0.7, "flip", "mean", "p25", "resample", "noise", "project"];

/** A column of a site at every token of every passage, each read by itself. */
async function columnOf(model: Model, passages: readonly Passage[], site: Site, column: number): Promise<number[]> {
  const all: number[] = [];
  for (const { ids, source } of passages) {
    const read = { sequences: [ids], ...(source && { sources: [source.ids] }) };
    using forward = model.forward({ ...read, capture: { sites: [{ ...site, offset: 0 }] } });
    const matrix = await forward.captured!.values();
    for (let row = column; row < matrix.length; row += site.width) all.push(matrix[row]!);
  }
  return all;
}

/** What a value is in words of an intervention; of what is random, whose draws have tests of their own, as it was found. */
function changeInWords(value: ReplacementName, own: readonly number[]) {
  const sorted = [...own].sort((a, b) => a - b);
  const place = 0.25 * (sorted.length - 1);
  switch (value) {
    case "flip":
      return { operation: "scale", value: -1 } as const;
    case "mean":
      return { operation: "set", value: own.reduce((sum, x) => sum + x, 0) / own.length } as const;
    case "p25":
      return { operation: "set", value: sorted[Math.floor(place)]! + (place % 1) * (sorted[Math.ceil(place)]! - sorted[Math.floor(place)]!) } as const; // biome-ignore format: one line
    case "project":
      return { operation: "set", value: 0 } as const; // a neuron's whole part along a direction of one number
    case "resample":
    case "noise":
      return null;
    default:
      return { operation: "set", value: value === "zero" ? 0 : Number(value) } as const;
  }
}

/** Each value meets each metric in some family. */
test.each(families.map((family, i) => [family, i] as const))(
  "every value in %s is that of one whole pass per sentence",
  async (family, place) => {
    await using model = await loadModel(fixturePath(family), { device: await opened });
    const fitting = metricsOf(model);
    const uniform = random(place);
    const wide = model.sites.filter(({ name, width }) => width !== null && !name.endsWith("logits"));
    for (const [i, value] of values.entries()) {
      const metric = fitting[(i + place) % fitting.length]!;
      const passages = await passagesOf(model, family, metric);
      const sites = selectSites(model.sites, wide[Math.floor(wide.length * uniform())]!.name);
      const [site] = sites;
      const column = Math.floor(site!.width * uniform());
      const options = { positions: "all", batchTokens: 200, seed: 3 } as const;
      const directions = value === "project" ? { sites, values: new Float32Array(site!.width).fill(0.3) } : undefined;
      const found = await findReplacement(model, passages, sites, { ...options, value, directions });
      const change = found.changeOf(site!, Uint32Array.of(column));
      const ablation = (own: Change): Ablation => ({ parts: [{ site: site!.name, columns: [column], ...own }] });
      const { ablated } = await measureAblations(model, passages, [ablation(change)], { ...options, metric });
      const words = changeInWords(value, await columnOf(model, passages, site!, column));
      const wanted = await plain(model, passages, ablation(words ?? change), metric);
      const what = `${metric} with ${site!.name}:${column} at ${value}`;
      expect(Math.abs(mean(ablated[0]!) - wanted), what).toBeLessThan(1e-5 * Math.max(1, Math.abs(wanted)));
    }
  },
);
