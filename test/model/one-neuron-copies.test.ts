import { afterAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import type { Intervention } from "../../src/model/interventions.js";
import { loadModel } from "../../src/model/load.js";
import { type ForwardRequest, type Model, NO_TARGET } from "../../src/model/model.js";
import { devices } from "../devices.js";
import { decoders, encoders, type Family, fixturePath, largestDifference } from "../fixtures/model-fixture.js";

/** Sums are made otherwise; losses are of size 1 to 10. */
const tolerance = 1e-5;
const copies = 24;

/** Each copy but the first has a neuron of the site changed, everywhere or at its last token, to a value or by one. */
function changesOf(site: string, width: number, texts: number): Intervention[] {
  const operations = [{ operation: "set", value: 0 }, { operation: "scale", value: -1 }, { operation: "add", value: 3 }] as const; // biome-ignore format: one line
  return Array.from({ length: copies - 1 }, (_, i) => ({
    site,
    sequence: [(i + 1) * texts, (i + 2) * texts],
    columns: [(5 * i) % Math.min(width, 7)],
    ...operations[i % 3]!,
    ...(i % 4 === 3 && { positions: "last" }),
  }));
}

/** The id after each token, or of every sequence of a classifier of them; `last`: of the last token only. */
function targetsOf({ head, vocabulary }: Model, sequences: readonly Uint32Array[], which: "all" | "last"): Uint32Array {
  const classes = head.labels.length || vocabulary;
  if (head.kind === "sequence-classification") return Uint32Array.from(sequences, ([id]) => id! % classes);
  return Uint32Array.from(
    sequences.flatMap((ids) =>
      [...ids].map((id, t) => (which === "all" || t === ids.length - 1 ? id % classes : NO_TARGET)),
    ),
  );
}

/** One of each order of norms, and of each kind: a GPU in software takes seconds for each site. */
const kinds: readonly Family[] = ["gpt2", "llama", "bert"];

describe.each(devices)("copies with one changed neuron each on %s", (device, open) => {
  const opened: Promise<Device> = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  const native = device === "native";
  it.each(native ? [...encoders, ...decoders] : kinds)(
    "of %s give what they give without their texts, at every site of the first and last layer that has few changed columns",
    async (family) => {
      await using model = await loadModel(fixturePath(family), { device: await opened });
      if (model.head.kind === "none" || model.head.kind.endsWith("scores")) return;
      const texts = [Uint32Array.of(3, 1, 4, 1), Uint32Array.of(5, 9)];
      const sequences = Array.from({ length: copies }, () => texts).flat();
      const layers = [...new Set([0, model.layers - 1])];
      for (const layer of layers) {
        for (const part of native ? ["attention.heads", "mlp.gate", "mlp.pre", "mlp.hidden"] : ["mlp.hidden"]) {
          const site = `layers.${layer}.${part}`;
          if (!model.sites.some(({ name }) => name === site)) continue; // not all are gated
          const width = model.sites.find(({ name }) => name === site)!.width!;
          const request: ForwardRequest = { sequences, interventions: changesOf(site, width, texts.length) };
          for (const which of native ? (["all", "last"] as const) : (["all"] as const)) {
            const targets = targetsOf(model, sequences, which);
            using plain = model.forward({ ...request, targets });
            using shared = model.forward({ ...request, targets, texts: texts.length });
            const [before, after] = [await plain.losses(), await shared.losses()];
            expect(largestDifference(after, before), `${site}, ${which}`).toBeLessThan(tolerance);
            expect(await shared.predictions(), site).toEqual(await plain.predictions());
            expect(shared.operations).toBeLessThan(plain.operations);
            if (!native) continue;
            const compareWith = Uint32Array.from(sequences, (_, s) => s % texts.length);
            using plainly = model.forward({ ...request, targets, compareWith });
            using compared = model.forward({ ...request, targets, compareWith, texts: texts.length });
            const [wanted, got] = [await plainly.divergences(), await compared.divergences()];
            expect(largestDifference(got, wanted), `${site}, ${which}, KL`).toBeLessThan(tolerance);
          }
        }
      }
    },
  );

  it.each(["losses", "divergences"] as const)(
    "cost the logits of texts and neurons, and four operations for each of their own, for %s",
    async (what) => {
      await using model = await loadModel(fixturePath("gpt2"), { device: await opened });
      const texts = [Uint32Array.of(3, 1, 4, 1), Uint32Array.of(5, 9)];
      const sequences = Array.from({ length: copies }, () => texts).flat();
      const widthOf = (site: string) => model.sites.find(({ name }) => name === site)!.width!;
      const [width, hidden] = [widthOf("embed"), widthOf("layers.0.mlp.hidden")];
      const interventions = changesOf(`layers.${model.layers - 1}.mlp.hidden`, hidden, texts.length);
      const targets = targetsOf(model, sequences, "all");
      const compareWith = Uint32Array.from(sequences, (_, s) => s % texts.length);
      const compared = what === "divergences" && { compareWith };
      using forward = model.forward({ sequences, texts: texts.length, interventions, targets, ...compared });
      await forward.done;
      const [tokens, neurons] = [6, 7];
      const rows = 6 * 18 + 2 * 5 + tokens; // all of a copy, or the last of each text; the first copy shares the texts'
      const body = tokens * model.layers * (8 * width * width + 4 * width * hidden) + 2 * rows * width;
      const known = 2 * (tokens + neurons + 1) * width * model.vocabulary; // 1: the norm's bias
      expect(forward.operations).toBe(body + known + 4 * rows * model.vocabulary);
    },
  );

  it("take no memory for the logits of a last layer's neurons, where nobody compares them", async () => {
    await using model = await loadModel(fixturePath("gpt2"), { device: await opened });
    const texts = [Uint32Array.of(3, 1, 4, 1), Uint32Array.of(5, 9)];
    const sequences = Array.from({ length: copies }, () => texts).flat();
    const interventions = changesOf(`layers.${model.layers - 1}.mlp.hidden`, 7, texts.length);
    const targets = targetsOf(model, sequences, "all");
    const request: ForwardRequest = { sequences, texts: texts.length, interventions, targets };
    const compareWith = Uint32Array.from(sequences, (_, s) => s % texts.length);
    const logits = 4 * targets.length * model.vocabulary;
    expect(model.bytesOf!({ ...request, compareWith }) - model.bytesOf!(request)).toBeGreaterThan(logits / 2); // they share memory with what comes before
  });

  it.each(["gpt2", "bert"] as const)(
    "of %s cost the queries, keys and values of texts and neurons, and four operations for each of their own",
    async (family) => {
      await using model = await loadModel(fixturePath(family), { device: await opened });
      const texts = [Uint32Array.of(3, 1, 4, 1), Uint32Array.of(5, 9)];
      const sequences = Array.from({ length: copies }, () => texts).flat();
      const widthOf = (site: string) => model.sites.find(({ name }) => name === site)!.width!;
      const [width, hidden] = [widthOf("embed"), widthOf("layers.0.mlp.hidden")];
      const interventions = changesOf("layers.0.mlp.hidden", hidden, texts.length);
      const compareWith = Uint32Array.from(sequences, (_, s) => s % texts.length);
      using forward = model.forward({ sequences, texts: texts.length, interventions, compareWith });
      await forward.done;
      const [tokens, neurons] = [6, 7];
      // a decoder's as above; what an encoder's copies change at their last token, all see, but not the first copy
      const rows = tokens + (family === "gpt2" ? 6 * 18 + 2 * 5 : 6 * (copies - 1));
      const blocks = 2 * width * width + 4 * width * hidden; // of a row: behind the heads of a layer
      const changed = tokens * (6 * width * width + blocks) + 2 * rows * width;
      const projections = 6 * (tokens + neurons + 1) * width * width + 4 * rows * 3 * width; // 1: the norm's bias
      expect(forward.operations).toBe(changed + projections + rows * blocks);
    },
  );
});
