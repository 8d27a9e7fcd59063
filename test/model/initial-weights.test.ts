import { afterAll, describe, expect, it } from "vitest";
import { findArchitecture } from "../../src/model/architectures/table.js";
import { Config } from "../../src/model/config.js";
import { freshWeights } from "../../src/model/initial-weights.js";
import { loadModel } from "../../src/model/load.js";
import { elementsOf } from "../../src/model/tensor-values.js";
import { devices, openTestDevice } from "../devices.js";
import { fixturePath } from "../fixtures/model-fixture.js";

const opened = openTestDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

/** The fresh numbers of a tensor of a family. */
async function draw(values: Record<string, unknown>, name: string, shape: readonly number[], seed = 1) {
  const config = new Config("config.json", values);
  const into = new Float32Array(elementsOf(shape));
  const read = freshWeights(config, findArchitecture(config), seed);
  await read({ name, shape, type: "F32", path: "", byteOffset: 0, bytes: into.byteLength }, into);
  return into;
}

function moments(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { mean, deviation, most: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) };
}

const bert = { model_type: "bert", initializer_range: 0.02 };
const gpt2 = { model_type: "gpt2", initializer_range: 0.02, n_layer: 8 };
const lstm = { model_type: "rnn_lm", hidden_size: 64 };
const t5 = { model_type: "t5", d_model: 64, d_ff: 256, d_kv: 16, num_heads: 8 };

describe("fresh weights", () => {
  it.each([
    // deviation of a normal distribution that is cut at ±2: .8796 of it
    ["BERT", bert, "bert.encoder.layer.0.attention.self.query.weight", [200, 200], 0.02 * 0.8796, 0.04],
    ["GPT-2", gpt2, "h.0.attn.c_attn.weight", [200, 200], 0.02, Number.POSITIVE_INFINITY],
    ["GPT-2's projections", gpt2, "transformer.h.0.mlp.c_proj.weight", [200, 200], 0.02 / 4, 0.04],
    ["XLNet", { model_type: "xlnet" }, "transformer.layer.0.rel_attn.r_w_bias", [200, 200], 0.02, 0.2],
    ["Llama", { model_type: "llama" }, "layers.0.mlp.up_proj.weight", [200, 200], 0.02, 0.2],
    ["OPT", { model_type: "opt", init_std: 0.006 }, "decoder.layers.0.fc1.weight", [200, 200], 0.006, 0.06],
    ["an LSTM", lstm, "rnn.weight_hh_l0", [256, 64], 1 / 8 / Math.sqrt(3), 1 / 8],
    ["an LSTM's bias", lstm, "rnn.bias_ih_l0", [25_600], 1 / 8 / Math.sqrt(3), 1 / 8],
    ["a tagger's classifier", { ...lstm, model_type: "rnn_tagger" }, "classifier.weight", [200, 128], 1 / Math.sqrt(3 * 128), 1 / Math.sqrt(128)], // biome-ignore format: one line
    ["a multiplicative LSTM", { ...lstm, model_type: "mlstm_lm" }, "out.w", [64, 300], 1 / 8 / Math.sqrt(3), 1 / 8],
    ["a decoder's embedding", { ...lstm, model_type: "rnn_seq2seq" }, "decoder.embedding.weight", [300, 64], 1, 9],
    ["torch's embedding", lstm, "encoder.weight", [300, 64], 1, 9],
    ["T5's queries", t5, "encoder.block.0.layer.0.SelfAttention.q.weight", [128, 64], 1 / Math.sqrt(64 * 16), 1],
    ["T5's keys", t5, "encoder.block.0.layer.0.SelfAttention.k.weight", [128, 64], 1 / Math.sqrt(64), 1],
    ["T5's outputs", t5, "encoder.block.0.layer.0.SelfAttention.o.weight", [64, 128], 1 / Math.sqrt(128), 1],
    ["T5's wo", t5, "decoder.block.0.layer.2.DenseReluDense.wo.weight", [64, 256], 1 / 16, 1],
    ["T5's embedding", t5, "shared.weight", [300, 64], 1, 9],
  ])("of %s have the family's distribution", async (_name, values, name, shape, deviation, most) => {
    const drawn = await draw(values, name, shape);
    const found = moments(drawn);
    const error = 5 / Math.sqrt(2 * drawn.length); // five standard errors of a deviation
    expect(Math.abs(found.mean)).toBeLessThan((5 * deviation) / Math.sqrt(drawn.length));
    expect(Math.abs(found.deviation / deviation - 1)).toBeLessThan(error);
    expect(found.most).toBeLessThanOrEqual(most);
  });

  it("are 0 for biases and 1 for norms, but 0 where a norm adds 1", async () => {
    const all = async (values: Record<string, unknown>, name: string) => [...new Set(await draw(values, name, [9]))];
    expect(await all(bert, "encoder.layer.0.output.LayerNorm.weight")).toEqual([1]);
    expect(await all(bert, "encoder.layer.0.output.LayerNorm.bias")).toEqual([0]);
    expect(await all(bert, "encoder.layer.0.output.LayerNorm.gamma")).toEqual([1]);
    expect(await all(bert, "encoder.layer.0.output.LayerNorm.beta")).toEqual([0]);
    expect(await all(gpt2, "h.0.mlp.c_proj.bias")).toEqual([0]);
    expect(await all({ model_type: "bart" }, "final_logits_bias")).toEqual([0]);
    expect(await all({ model_type: "gemma2" }, "layers.0.input_layernorm.weight")).toEqual([0]);
    expect(await all({ model_type: "mlstm_lm", hidden_size: 4 }, "rnn.b")).toEqual([0]);
    expect(await all({ model_type: "mlstm_lm", hidden_size: 4 }, "rnn.gx")).toEqual([1]);
    expect(await all({ ...t5, initializer_factor: 0.5 }, "final_layer_norm.weight")).toEqual([0.5]);
  });

  it("depend on the seed and the name alone, with or without the base model's prefix", async () => {
    const query = await draw(bert, "bert.encoder.layer.0.attention.self.query.weight", [9, 9]);
    expect(await draw(bert, "encoder.layer.0.attention.self.query.weight", [9, 9])).toEqual(query);
    expect(await draw(bert, "encoder.layer.0.attention.self.query.weight", [9, 9], 2)).not.toEqual(query);
    expect(await draw(bert, "encoder.layer.0.attention.self.key.weight", [9, 9])).not.toEqual(query);
  });
});

describe.each(devices)("on %s, a model with random weights", (name, open) => {
  it.each(["bert", "gpt2", "llama", "gru", "t5"] as const)(
    "of %s computes what it does on the native device",
    async (family) => {
      await using device = await open();
      const sequences = [Uint32Array.of(1, 2, 3, 4, 5)];
      const residual = async (options: Partial<Parameters<typeof loadModel>[1]>) => {
        await using model = await loadModel(fixturePath(family), { device, ...options });
        const site = model.sites.findLast(
          ({ name, width }) => width !== null && name.startsWith(model.encoder ? "encoder." : ""),
        )!;
        const sites = [{ name: site.name, width: site.width!, offset: 0 }];
        using forward = model.forward(
          model.encoder ? { sequences: [], sources: sequences, capture: { sites } } : { sequences, capture: { sites } },
        );
        return await forward.captured!.values();
      };
      const drawn = await residual({ weights: "random", seed: 3 });
      const native = await residual({ weights: "random", seed: 3, device: await opened });
      expect(Math.max(...drawn.map((value, i) => Math.abs(value - native[i]!))), name).toBeLessThan(1e-4);
      expect(await residual({})).not.toEqual(drawn);
      expect(await residual({ weights: "random", seed: 4 })).not.toEqual(drawn);
    },
  );
});

describe("random weights", () => {
  it("are in the fingerprint with their seed", async () => {
    const fingerprint = async (options: Partial<Parameters<typeof loadModel>[1]>) => {
      await using model = await loadModel(fixturePath("gru"), { device: await opened, ...options });
      return model.fingerprint();
    };
    const own = await fingerprint({});
    expect(await fingerprint({ weights: "file", seed: 3 })).toBe(own);
    expect(await fingerprint({ weights: "random", seed: 3 })).toBe(`${own} with random weights of seed 3`);
  });

  it("are refused by what is no choice and no seed", async () => {
    const load = async (options: object) => loadModel(fixturePath("gru"), { device: await opened, ...options });
    await expect(load({ weights: "randon" })).rejects.toThrow(
      '(did you mean "random"?) for weights but received "randon"',
    );
    await expect(load({ weights: "random", seed: -1 })).rejects.toThrow("Expected a whole number from 0 on for seed");
  });
});
