import { afterAll, describe, expect, it } from "vitest";
import { loadModel } from "../../src/model/load.js";
import { openTestDevice } from "../devices.js";
import { copyModel, editConfig, editWeights } from "../fixtures/model-copy.js";
import { type Family, fixturePath } from "../fixtures/model-fixture.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const opened = openTestDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

const copy = (family: Family) => copyModel(family, folder);
const load = async (path: string) => loadModel(path, { device: await opened });

async function losses(path: string): Promise<Float32Array> {
  await using model = await load(path);
  const sequences = [Uint32Array.of(1, 2, 3, 4)];
  using forward = model.forward({ sequences, targets: Uint32Array.of(2, 3, 4, 5) });
  return await forward.losses();
}

describe("a loaded model", () => {
  it("says what it is", async () => {
    await using model = await load(fixturePath("bert"));
    expect([model.name, model.family, model.head.kind]).toEqual(["bert", "bert", "masked"]);
    expect([model.layers, model.heads, model.maximumTokens, model.vocabulary]).toEqual([2, 4, 16, 37]);
    expect(model.sites.length).toBe(1 + 2 * 10 + 1);
    expect(model.sites.filter(({ width }) => width === null).length).toBe(2);
    expect(model.unused).toEqual([]);
    expect(model.tokenizer.kind).toBe("characters");
    await using recurrent = await load(fixturePath("gru"));
    expect([recurrent.heads, recurrent.maximumTokens]).toEqual([0, Number.POSITIVE_INFINITY]);
    expect(recurrent.sites.map(({ name }) => name).slice(0, 5)).toEqual([
      "embed",
      "layers.0.hidden",
      "layers.0.gate.reset",
      "layers.0.gate.update",
      "layers.0.gate.candidate",
    ]);
  });

  it("has a fingerprint that changes with its weights and its config, and not with its place", async () => {
    const fingerprint = async (path: string) => {
      await using model = await load(path);
      return model.fingerprint();
    };
    const original = await fingerprint(fixturePath("gru"));
    expect(original).toMatch(/^[0-9a-f]{64}$/);
    expect(await fingerprint(copy("gru"))).toBe(original);
    const other = copy("gru");
    await editWeights(other, (tensors) => tensors.get("decoder.bias")!.values.fill(1));
    expect(await fingerprint(other)).not.toBe(original);
  });

  it("is the same with and without the base model's prefix, and lists what it does not use", async () => {
    const path = copy("bert");
    await editWeights(path, (tensors) => {
      for (const [name, tensor] of [...tensors]) {
        tensors.delete(name);
        tensors.set(name.replace(/^bert\./, ""), tensor);
      }
      tensors.set("embeddings.position_ids", { shape: [1, 16], values: new Float32Array(16) });
    });
    await using model = await load(path);
    expect(model.unused).toEqual(["embeddings.position_ids"]);
    expect(await losses(path)).toEqual(await losses(fixturePath("bert")));
  });

  it("has no head where the file has none", async () => {
    const path = copy("bert");
    await editWeights(path, (tensors) => {
      for (const name of [...tensors.keys()].filter((name) => name.startsWith("cls."))) tensors.delete(name);
    });
    await using model = await load(path);
    expect(model.head).toEqual({ kind: "none", labels: [] });
    expect(model.sites.at(-1)!.name).toBe("layers.1.residual");
    const targets = Uint32Array.of(1);
    expect(() => model.forward({ sequences: [targets], targets })).toThrow("Expected none for a model without a head");
  });

  it("ties its head to the embedding where the file leaves it out", async () => {
    const path = copy("gru");
    editConfig(path, (config) => {
      config.embedding_size = 13;
    });
    await editWeights(path, (tensors) => {
      const embedding = { shape: [37, 13], values: new Float32Array(37 * 13).map((_, i) => Math.sin(i)) };
      tensors.set("encoder.weight", embedding).set("decoder.weight", embedding);
      tensors.set("rnn.weight_ih_l0", {
        shape: [39, 13],
        values: new Float32Array(39 * 13).map((_, i) => Math.cos(i)),
      });
    });
    const untied = await losses(path);
    await editWeights(path, (tensors) => tensors.delete("decoder.weight"));
    expect(await losses(path)).toEqual(untied);
  });
});
