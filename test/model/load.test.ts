import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadModel } from "../../src/model/load.js";
import { readTensorFile } from "../../src/model/safetensors.js";
import { elementsOf, readTensor } from "../../src/model/tensor-values.js";
import { openTestDevice } from "../devices.js";
import { type Family, fixturePath } from "../fixtures/model-fixture.js";
import { tensorBytes } from "../fixtures/safetensors-bytes.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const opened = openTestDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

/** A copy of a fixture that a test may damage. */
function copy(family: Family): string {
  const path = mkdtempSync(join(folder, `${family}-`));
  cpSync(fixturePath(family), path, { recursive: true });
  return path;
}

function editConfig(path: string, edit: (config: Record<string, unknown>) => void): void {
  const config = JSON.parse(readFileSync(join(path, "config.json"), "utf8"));
  edit(config);
  writeFileSync(join(path, "config.json"), JSON.stringify(config));
}

type Tensors = Map<string, { shape: readonly number[]; values: Float32Array }>;

/** Rewrites a fixture's weights, as one float32 file. */
async function editWeights(path: string, edit: (tensors: Tensors) => void): Promise<void> {
  const file = join(path, "model.safetensors");
  const tensors: Tensors = new Map();
  for (const [name, entry] of (await readTensorFile(file)).tensors) {
    const values = new Float32Array(elementsOf(entry.shape));
    await readTensor(entry, values);
    tensors.set(name, { shape: entry.shape, values });
  }
  edit(tensors);
  writeFileSync(file, tensorBytes(Object.fromEntries(tensors)));
}

async function load(path: string) {
  return loadModel(path, { device: await opened });
}

async function losses(path: string): Promise<Float32Array> {
  await using model = await load(path);
  const sequences = [Uint32Array.of(1, 2, 3, 4)];
  using forward = model.forward({ sequences, targets: Uint32Array.of(2, 3, 4, 5) });
  return await forward.losses();
}

describe("a loaded model", () => {
  it("says what it is", async () => {
    await using model = await load(fixturePath("bert"));
    expect([model.name, model.family, model.head]).toEqual(["bert", "bert", "masked"]);
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
    expect(model.head).toBe("none");
    expect(model.sites.at(-1)!.name).toBe("layers.1.residual");
    const targets = Uint32Array.of(1);
    expect(() => model.forward({ sequences: [targets], targets })).toThrow("Expected none for a model without a head");
  });

  it("ties its head to the embedding where the file leaves it out", async () => {
    const path = copy("gru");
    editConfig(path, (config) => {
      config.embedding_size = 21;
    });
    await editWeights(path, (tensors) => {
      const embedding = { shape: [37, 21], values: new Float32Array(37 * 21).map((_, i) => Math.sin(i)) };
      tensors.set("encoder.weight", embedding).set("decoder.weight", embedding);
      tensors.set("rnn.weight_ih_l0", {
        shape: [63, 21],
        values: new Float32Array(63 * 21).map((_, i) => Math.cos(i)),
      });
    });
    const untied = await losses(path);
    await editWeights(path, (tensors) => tensors.delete("decoder.weight"));
    expect(await losses(path)).toEqual(untied);
  });
});

describe("loading a model is refused", () => {
  it("where there is no directory", async () => {
    await expect(load(join(folder, "nothing"))).rejects.toThrow("Expected a model's directory but there is none");
  });

  it("for a family that is not known, with those that are", async () => {
    const path = copy("bert");
    editConfig(path, (config) => {
      config.model_type = "bart";
    });
    await expect(load(path)).rejects.toThrow(
      'config.json: Expected one of bert, gpt2, llama, rnn_lm (did you mean "bert"?) for model_type but received "bart"',
    );
    editConfig(path, (config) => {
      config.model_type = "toString";
    });
    await expect(load(path)).rejects.toThrow("Expected one of bert, gpt2, llama, rnn_lm");
  });

  it("for a tensor that is missing or has another shape, with the shape it should have", async () => {
    const path = copy("bert");
    const name = "bert.encoder.layer.1.output.dense.weight";
    await editWeights(path, (tensors) => tensors.set(name, { shape: [44, 24], values: new Float32Array(44 * 24) }));
    await expect(load(path)).rejects.toThrow(
      "Expected a tensor encoder.layer.1.output.dense.weight of shape [24, 44] but its shape is [44, 24]",
    );
    await editWeights(path, (tensors) => tensors.delete(name));
    await expect(load(path)).rejects.toThrow(
      "model.safetensors: Expected a tensor encoder.layer.1.output.dense.weight of shape [24, 44] but there is none",
    );
  });

  it("for a tensor of whole numbers where real ones belong", async () => {
    const path = copy("gru");
    const file = join(path, "model.safetensors");
    const bytes = readFileSync(file);
    const text = bytes.toString("latin1").replace('"decoder.bias":{"dtype":"F32"', '"decoder.bias":{"dtype":"I32"');
    writeFileSync(file, text, "latin1");
    await expect(load(path)).rejects.toThrow(
      "Expected float32, float16 or bfloat16 for tensor decoder.bias but it is I32",
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
        "Expected a divisor of the hidden size 24 for num_attention_heads but received 5",
      ],
      ["bert", "position_embedding_type", "relative_key", "Expected one of absolute"],
      ["bert", "hidden_size", null, "Expected a positive whole number for hidden_size but received nothing"],
      ["llama", "num_key_value_heads", 3, "Expected a divisor of the 4 attention heads for num_key_value_heads"],
      ["gpt2", "scale_attn_weights", false, "Expected true for scale_attn_weights but received false"],
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

describe("a forward pass is refused", () => {
  const ids = (...values: number[]) => Uint32Array.from(values);
  const text = [ids(1, 2)];
  const capture = (name: string, width: number, offset = 0) => ({ capture: { sites: [{ name, width, offset }] } });
  const set = { operation: "set", value: 0 } as const;

  it("with a sentence that names what is wrong", async () => {
    await using model = await load(fixturePath("bert"));
    const cases: [Parameters<typeof model.forward>[0], string][] = [
      [{ sequences: [] }, "Expected at least one sequence for sequences"],
      [{ sequences: [ids(1), ids()] }, "Expected at least one token for sequences[1]"],
      [
        { sequences: [new Uint32Array(17)] },
        "Expected at most 16 tokens (the model's positions) for sequences[0] but received 17",
      ],
      [{ sequences: [ids(1, 37)] }, "Expected ids below 37 for sequences[0] but received 37"],
      [{ sequences: text, ...capture("layers.2.residual", 24) }, "Expected a site of the model: embed, layers.0-1."],
      [{ sequences: text, ...capture("embed", 23) }, "Expected a width of 24 for embed but received 23"],
      [{ sequences: text, ...capture("embed", 24, 1) }, "Expected an offset of 0 for embed but received 1"],
      [{ sequences: text, ...capture("layers.0.attention.scores", 8) }, "Expected sites of a fixed width"],
      [{ sequences: text, capture: { sites: [] } }, "Expected at least one site for capture.sites"],
      [{ sequences: text, scores: ["embed"] }, "Expected sites of attention scores for scores"],
      [{ sequences: text, targets: ids(1) }, "Expected one for each of 2 tokens for targets but received 1"],
      [{ sequences: text, targets: ids(1, 40) }, "Expected ids below 37 for targets but received 40"],
      [{ sequences: text, compareWith: ids(1) }, "Expected a sequence of the batch of 2 tokens for compareWith[0]"],
      [{ sequences: text, compareWith: ids(0, 0) }, "Expected one for each of 1 sequences for compareWith"],
      [{ sequences: text, state: "start" }, "Expected none for a model that is not recurrent for state"],
      [{ sequences: text, interventions: [{ site: "embd", ...set }] }, 'did you mean "embed"'],
      [
        { sequences: text, interventions: [{ site: "embed", columns: [24], ...set }] },
        "Expected columns from 0 to 23 for columns but received 24",
      ],
      [
        { sequences: text, interventions: [{ site: "embed", sequence: 1, ...set }] },
        "Expected a sequence of the batch, from 0 to 0",
      ],
      [
        { sequences: text, interventions: [{ site: "embed", positions: [2], ...set }] },
        "Expected positions from 0 to 1",
      ],
    ];
    for (const [request, message] of cases) expect(() => model.forward(request), message).toThrow(message);
  });

  it("when rows reach past the tokens", async () => {
    await using model = await load(fixturePath("bert"));
    const sites = [{ name: "embed", width: 24, offset: 0 }];
    const rows = { starts: ids(0, 1), ends: ids(1, 3), pool: "mean" } as const;
    const forward = () => model.forward({ sequences: text, capture: { sites, rows } });
    expect(forward).toThrow("Expected a run of the 2 tokens for rows[1] but received [1, 3]");
  });
});
