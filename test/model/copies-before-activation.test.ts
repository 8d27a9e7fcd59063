import { afterAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import type { Intervention } from "../../src/model/interventions.js";
import { loadModel } from "../../src/model/load.js";
import type { ForwardRequest, Model } from "../../src/model/model.js";
import { devices } from "../devices.js";
import { decoders, encoders, type Family, fixturePath, largestDifference } from "../fixtures/model-fixture.js";

/** Sums are made otherwise; distances are of size 1. */
const tolerance = 1e-5;
const copies = 24;
const texts = [Uint32Array.of(3, 1, 4, 1), Uint32Array.of(5, 9)];
const sequences = Array.from({ length: copies }, () => texts).flat();
const compareWith = Uint32Array.from(sequences, (_, s) => s % texts.length);

/** Each copy but the first has one neuron of the site changed, everywhere or at its last token, to values that no neuron has. */
function changesAt(site: string): Intervention[] {
  return Array.from({ length: copies - 1 }, (_, i) => ({
    site,
    sequence: [(i + 1) * texts.length, (i + 2) * texts.length],
    columns: [(5 * i) % 7],
    operation: i % 2 === 0 ? "set" : "add",
    value: 1.3 + i / 4,
    ...(i % 4 === 3 && { positions: "last" }),
  }));
}

/** A gated family, and one that is not: a GPU in software takes seconds for each site. */
const kinds: readonly Family[] = ["llama", "bert"];
const before = /mlp\.(gate|pre)$/;

describe.each(devices)("neurons before the activation on %s", (device, open) => {
  const opened: Promise<Device> = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  const native = device === "native";
  const sitesOf = ({ sites, layers }: Model) =>
    sites.filter(({ name }) => before.test(name) && (name.startsWith("layers.0.") || (native && name.startsWith(`layers.${layers - 1}.`)))); // biome-ignore format: one line

  it.each(native ? [...encoders, ...decoders] : kinds)(
    "of %s are changed as in whole passes, by no more arithmetic than those behind it",
    async (family) => {
      await using model = await loadModel(fixturePath(family), { device: await opened });
      const found = sitesOf(model);
      expect(found.length).toBeGreaterThan(0);
      for (const { name } of found) {
        const request: ForwardRequest = { sequences, compareWith, interventions: changesAt(name) };
        const behind = changesAt(name.replace(before, "mlp.hidden"));
        using plain = model.forward(request);
        using shared = model.forward({ ...request, texts: texts.length });
        using hidden = model.forward({ ...request, texts: texts.length, interventions: behind });
        const [wanted, got] = [await plain.distances(), await shared.distances()];
        await hidden.done;
        expect(Math.max(...wanted), name).toBeGreaterThan(1e-3);
        expect(largestDifference(got, wanted), name).toBeLessThan(tolerance);
        expect(shared.operations, name).toBe(hidden.operations);
      }
    },
  );

  it("of both factors of one product are changed as in whole passes, the long way", async () => {
    await using model = await loadModel(fixturePath("llama"), { device: await opened });
    const interventions = ["gate", "pre"].flatMap((part) => changesAt(`layers.0.mlp.${part}`));
    using plain = model.forward({ sequences, compareWith, interventions });
    using shared = model.forward({ sequences, compareWith, interventions, texts: texts.length });
    using first = model.forward({ sequences, compareWith, interventions: changesAt("layers.0.mlp.gate"), texts: texts.length }); // biome-ignore format: one line
    expect(largestDifference(await shared.distances(), await plain.distances())).toBeLessThan(tolerance);
    await first.done;
    expect(shared.operations).toBeGreaterThan(first.operations);
  });
});
