import { afterAll, describe, expect, it } from "vitest";
import { loadModel } from "../../src/model/load.js";
import type { ForwardRequest, Model } from "../../src/model/model.js";
import { openTestDevice } from "../devices.js";
import { decoders, encoders, fixturePath } from "../fixtures/model-fixture.js";

const opened = openTestDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

const copies = 40;
const texts = [Uint32Array.of(3, 1, 4, 1), Uint32Array.of(5, 9)];
const sequences = Array.from({ length: copies }, () => texts).flat();
const compareWith = Uint32Array.from(sequences, (_, s) => s % texts.length);

/** Copies in which the first columns of a site are changed. */
function requestOf(site: string, columns: number): ForwardRequest {
  const own = Array.from({ length: columns }, (_, column) => column);
  const sequence = [texts.length, copies * texts.length] as const;
  const interventions = [{ site, sequence, columns: own, operation: "set", value: 0.5 }] as const;
  return { sequences, texts: texts.length, interventions, compareWith };
}

/** The sites of a layer whose neurons are followed. */
function followed(model: Model, layer: string): string[] {
  const own = model.sites.filter(({ name, width }) => width !== null && name.startsWith(layer));
  return own
    .filter(({ name }) => model.followsChanges!(requestOf(name, 1)))
    .map(({ name }) => name.slice(layer.length));
}

describe("a changed neuron is followed", () => {
  it("where a linear map reads it, at once or behind a nonlinearity, and no norm stands between", async () => {
    await using llama = await loadModel(fixturePath("llama"), { device: await opened });
    expect(followed(llama, "layers.0.")).toEqual(["attention.heads", "mlp.gate", "mlp.pre", "mlp.hidden"]);
    await using bert = await loadModel(fixturePath("bert"), { device: await opened });
    expect(followed(bert, "layers.0.")).toEqual(["attention.heads", "mlp.pre", "mlp.hidden", "residual"]);
    expect(followed(bert, "embed")).toEqual([""]);
  });

  it("unless more columns change than are few", async () => {
    await using model = await loadModel(fixturePath("llama"), { device: await opened });
    const width = model.sites.find(({ name }) => name === "layers.0.mlp.hidden")!.width!;
    expect(model.followsChanges!(requestOf("layers.0.mlp.hidden", Math.floor(width / 8)))).toBe(true);
    expect(model.followsChanges!(requestOf("layers.0.mlp.hidden", Math.floor(width / 8) + 1))).toBe(false);
  });

  it.each([...encoders, ...decoders])(
    "by less arithmetic than all of %s's columns, and else by as much",
    async (family) => {
      await using model = await loadModel(fixturePath(family), { device: await opened });
      const cost = async (request: ForwardRequest) => {
        using forward = model.forward(request);
        await forward.done;
        return forward.operations;
      };
      for (const { name, width, rows } of model.sites) {
        if (width === null || width < 8 || rows === "sequence") continue;
        const [one, all] = [await cost(requestOf(name, 1)), await cost(requestOf(name, width))];
        if (model.followsChanges!(requestOf(name, 1))) expect(one, name).toBeLessThan(all);
        else expect(one, name).toBe(all);
      }
    },
  );
});
