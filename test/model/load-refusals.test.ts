import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { architectures } from "../../src/model/architectures/table.js";
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

describe("loading a model is refused", () => {
  it("where there is no directory", async () => {
    await expect(load(join(folder, "nothing"))).rejects.toThrow("Expected a model's directory but there is none");
  });

  it("for a directory of models, which it names", async () => {
    const models = join(folder, "models");
    for (const name of ["seed-2", "seed-1"]) cpSync(fixturePath("gru"), join(models, name), { recursive: true });
    await expect(load(models)).rejects.toThrow(
      "models: Expected a model's directory but it is a directory of models: seed-1, seed-2",
    );
  });

  it("for a model of several parts, and an encoder-decoder that classifies, by name", async () => {
    const path = copy("llama");
    editConfig(path, (config) => Object.assign(config, { model_type: "llava", text_config: { model_type: "llama" } }));
    await expect(load(path)).rejects.toThrow('received "llava", of which text_config (llama) is only a part');
    for (const [family, name] of [
      ["bart", "BartForSequenceClassification"],
      ["t5", "T5ForTokenClassification"],
    ] as const) {
      const classifier = copyModel(family, folder);
      editConfig(classifier, (config) => Object.assign(config, { architectures: [name] }));
      await expect(load(classifier)).rejects.toThrow(
        `Expected an encoder-decoder that predicts text, or one without a head for architectures but received ["${name}"]`,
      );
    }
  });

  it("for a family that is not known, with those that are", async () => {
    const path = copy("bert");
    editConfig(path, (config) => {
      config.model_type = "lama";
    });
    const known = Object.keys(architectures).join(", ");
    await expect(load(path)).rejects.toThrow(
      `config.json: Expected one of ${known} (did you mean "llama"?) for model_type but received "lama"`,
    );
    editConfig(path, (config) => {
      config.model_type = "toString";
    });
    await expect(load(path)).rejects.toThrow(`Expected one of ${known}`);
  });

  it("for a tensor that is missing or has another shape, with the shape it should have", async () => {
    const path = copy("bert");
    const name = "bert.encoder.layer.1.output.dense.weight";
    await editWeights(path, (tensors) => tensors.set(name, { shape: [20, 16], values: new Float32Array(20 * 16) }));
    await expect(load(path)).rejects.toThrow(
      "Expected a tensor encoder.layer.1.output.dense.weight of shape [16, 20] but its shape is [20, 16]",
    );
    await editWeights(path, (tensors) => tensors.delete(name));
    await expect(load(path)).rejects.toThrow(
      "model.safetensors: Expected a tensor encoder.layer.1.output.dense.weight of shape [16, 20] but there is none",
    );
  });

  it("for a tensor of whole numbers where real ones belong", async () => {
    const path = copy("gru");
    const file = join(path, "model.safetensors");
    const bytes = readFileSync(file);
    const text = bytes.toString("latin1").replace('"decoder.bias":{"dtype":"F16"', '"decoder.bias":{"dtype":"I16"');
    writeFileSync(file, text, "latin1");
    await expect(load(path)).rejects.toThrow(
      "Expected float32, float16 or bfloat16 for tensor decoder.bias but it is I16",
    );
  });

  it("for weights that are cut short", async () => {
    const path = copy("lstm");
    const file = join(path, "model.safetensors");
    writeFileSync(file, readFileSync(file).subarray(0, -1));
    await expect(load(path)).rejects.toThrow("it is cut short");
  });

  it("for sizes, activations and tokenizers that do not fit", async () => {
    const cases: [Family, string, unknown, string][] = [
      ["bert", "hidden_act", "gelo", 'did you mean "gelu"'],
      [
        "bert",
        "num_attention_heads",
        5,
        "Expected a divisor of the hidden size 16 for num_attention_heads but received 5",
      ],
      ["bert", "position_embedding_type", "relative_key", "Expected one of absolute"],
      ["bert", "hidden_size", null, "Expected a positive whole number for hidden_size but received nothing"],
      ["llama", "num_key_value_heads", 3, "Expected a divisor of the 4 attention heads for num_key_value_heads"],
      ["gpt2", "n_head", 5, "Expected a divisor of the width 16 for n_head but received 5"],
      ["lstm", "cell", "lstn", 'Expected one of lstm, gru (did you mean "lstm"?) for cell but received "lstn"'],
      [
        "gru",
        "characters",
        "abcdefghijklmnopqrstuvwxyz0123456789 éñ",
        "at least the tokenizer's 39 ids for vocab_size",
      ],
    ];
    for (const [family, key, value, message] of cases) {
      const path = copy(family);
      editConfig(path, (config) => {
        config[key] = value;
      });
      await expect(load(path), key).rejects.toThrow(message);
    }
  });

  it("for a missing tokenizer", async () => {
    const path = copy("bert");
    editConfig(path, (config) => {
      delete config.tokenizer;
    });
    await expect(load(path)).rejects.toThrow("tokenizer.json: there is no such file");
    rmSync(join(path, "model.safetensors"));
    await expect(load(path)).rejects.toThrow("Expected model.safetensors or model.safetensors.index.json");
  });
});
