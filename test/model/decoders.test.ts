import { afterAll, describe, expect, it } from "vitest";
import { loadModel } from "../../src/model/load.js";
import { selectSites } from "../../src/model/sites.js";
import { openTestDevice } from "../devices.js";
import { copyModel, editConfig, editWeights } from "../fixtures/model-copy.js";
import { type Family, fixturePath } from "../fixtures/model-fixture.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const opened = openTestDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

const load = async (path: string) => loadModel(path, { device: await opened });
const text = Uint32Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5);

/** The last site's values for a text. */
async function outcome(path: string): Promise<Float32Array> {
  await using model = await load(path);
  const sites = selectSites(model.sites, "*")
    .slice(-1)
    .map((site) => ({ ...site, offset: 0 }));
  using forward = model.forward({ sequences: [text], capture: { sites } });
  return forward.captured!.values();
}

type Edit = (config: Record<string, unknown>) => void;

/** A copy of a fixture with another config. */
function configured(family: Family, edit: Edit): string {
  const path = copyModel(family, folder);
  editConfig(path, edit);
  return path;
}

describe("a decoder is the same", () => {
  const rotary = (config: Record<string, unknown>, edit: Edit) => {
    const { rope_theta, rope_type, ...scaling } = config.rope_parameters as Record<string, unknown>;
    Object.assign(config, {
      rope_theta,
      rope_scaling: rope_type === "default" ? null : { type: rope_type, ...scaling },
    });
    delete config.rope_parameters;
    edit(config);
  };
  const older: [Family, Edit][] = [
    ["gpt-neo", (config) => delete config.attention_layers],
    ["gpt-neo", (config) => delete config.attention_types],
    ["gpt-neox", (config) => {
      Object.assign(config, { rotary_pct: 0.5, rotary_emb_base: 500 });
      delete config.rope_parameters;
      delete config.attention_bias;
    }],
    ["mistral", (config) => rotary(config, () => {})],
    ["qwen2", (config) => rotary(config, () => delete config.layer_types)],
    ["qwen3", (config) => rotary(config, () => delete config.layer_types)],
    ["gemma2", (config) => rotary(config, () => {
      delete config.layer_types;
      delete config.hidden_activation;
      delete config.tie_word_embeddings;
    })],
    ["gpt2-scaled", (config) => Object.assign(config, { reorder_and_upcast_attn: true })],
  ]; // biome-ignore format: a case a line
  it.each(older)("with the config that older versions wrote: %s", async (family, edit) => {
    expect(await outcome(configured(family, edit))).toEqual(await outcome(fixturePath(family)));
  });

  const prefixes: [Family, string][] = [
    ["gpt2", "transformer."],
    ["gpt2-scaled", "transformer."],
    ["gpt-neo", "transformer."],
    ["gpt-neox", "gpt_neox."],
    ["gpt-j", "transformer."],
    ["opt", "model."],
    ["opt-post-norm", "model."],
    ["mistral", "model."],
    ["qwen2", "model."],
    ["qwen3", "model."],
    ["gemma2", "model."],
  ];
  it.each(prefixes)("with and without the base model's prefix: %s", async (family, prefix) => {
    const path = copyModel(family, folder);
    await editWeights(path, (tensors) => {
      const prefixed = [...tensors.keys()].some((name) => name.startsWith(prefix));
      for (const [name, tensor] of [...tensors]) {
        if (name.startsWith("lm_head.") || name.startsWith("embed_out.") || name.startsWith("score.")) continue;
        tensors.delete(name);
        tensors.set(prefixed ? name.slice(prefix.length) : prefix + name, tensor);
      }
    });
    await using model = await load(path);
    expect(model.unused).toEqual([]);
    expect(await outcome(path)).toEqual(await outcome(fixturePath(family)));
  });

  const buffers: [Family, string[]][] = [
    ["gpt2", ["h.0.attn.bias", "transformer.h.1.attn.masked_bias"]],
    ["gpt-neox", ["gpt_neox.layers.0.attention.bias", "gpt_neox.layers.0.attention.rotary_emb.inv_freq"]],
    ["gpt-neo", ["transformer.h.0.attn.attention.bias", "transformer.h.0.attn.attention.masked_bias"]],
    ["mistral", ["model.layers.0.self_attn.rotary_emb.inv_freq"]],
    ["gemma2", ["lm_head.weight"]],
  ];
  it.each(buffers)("with tensors that nobody needs, which are named: %s", async (family, names) => {
    const path = copyModel(family, folder);
    await editWeights(path, (tensors) => {
      for (const name of names) tensors.set(name, { shape: [1, 2], values: Float32Array.of(5, 7) });
    });
    await using model = await load(path);
    expect(model.unused.toSorted()).toEqual(names.toSorted());
    expect(await outcome(path)).toEqual(await outcome(fixturePath(family)));
  });

  it.each(["llama", "gpt-neox"] as const)(
    "however many positions it has, of which texts need few: %s",
    async (family) => {
      const many = configured(family, (config) => Object.assign(config, { max_position_embeddings: 600_000 }));
      expect(await outcome(many)).toEqual(await outcome(fixturePath(family)));
    },
  );

  it("whatever the head's tensor is called: GPT-NeoX", async () => {
    const path = copyModel("gpt-neox", folder);
    await editWeights(path, (tensors) => {
      tensors.set("embed_out.weight", tensors.get("lm_head.weight")!);
      tensors.delete("lm_head.weight");
    });
    expect(await outcome(path)).toEqual(await outcome(fixturePath("gpt-neox")));
  });
});

describe("a decoder's head", () => {
  it("is none where neither the config asks for it nor the file has it, and refused where one of them lacks", async () => {
    const path = copyModel("mistral", folder);
    await editWeights(path, (tensors) => tensors.delete("lm_head.weight"));
    await expect(load(path)).rejects.toThrow("Expected a tensor lm_head.weight of shape [37, 8] but there is none");
    editConfig(path, (config) => Object.assign(config, { architectures: ["MistralModel"] }));
    await using model = await load(path);
    expect(model.head.kind).toBe("none");
    expect(model.sites.at(-1)!.name).toBe("final");
  });

  it("reads the last token of a text that is not padding where it classifies", async () => {
    await using model = await load(fixturePath("qwen3"));
    expect([model.head.kind, model.head.labels]).toEqual([
      "sequence-classification",
      ["awful", "bad", "so-so", "good", "superb"],
    ]);
    const logits = selectSites(model.sites, "logits");
    const last = async (...ids: number[]) => {
      using forward = model.forward({ sequences: [Uint32Array.from(ids)], capture: { sites: logits } });
      return (await forward.captured!.values()).slice(0, 5);
    };
    expect(await last(3, 1, 4, 0, 0)).toEqual(await last(3, 1, 4));
    expect(await last(3, 1, 4, 2)).not.toEqual(await last(3, 1, 4));
  });
});

describe("a decoder is refused", () => {
  const cases: [Family, string, unknown, string][] = [
    ["gpt-neo", "attention_layers", ["global"], "Expected global or local for each of 2 layers for attention_layers"],
    ["gpt-neo", "attention_layers", ["global", "locl"], "Expected global or local for each of 2 layers"],
    ["gpt-neo", "window_size", 0, "Expected a positive whole number for window_size but received 0"],
    ["gpt-neo", "num_heads", 5, "Expected a divisor of the width 8 for num_heads but received 5"],
    ["gpt-neox", "num_attention_heads", 3, "Expected a divisor of the hidden size 8 for num_attention_heads"],
    ["gpt-j", "rotary_dim", 3, "Expected an even number up to the 6 columns of a head for rotary_dim but received 3"],
    ["gpt-j", "rotary_dim", 10, "Expected an even number up to the 6 columns of a head for rotary_dim"],
    ["opt", "activation_function", "rellu", 'did you mean "relu"'],
    ["opt", "ffn_dim", 21, "of shape [21, 8] but its shape is [12, 8]"],
    ["mistral", "sliding_window", -1, "Expected a positive whole number for sliding_window but received -1"],
    ["mistral", "head_dim", 7, "Expected an even number for head_dim but received 7"],
    [
      "qwen2",
      "layer_types",
      ["full_attention"],
      "Expected 2 times full_attention or sliding_attention for layer_types",
    ],
    ["qwen2", "layer_types", ["full_attention", "linear_attention"], "Expected 2 times full_attention"],
    ["gemma2", "final_logit_softcapping", 0, "Expected a number above 0 or null for final_logit_softcapping"],
    ["gemma2", "use_bidirectional_attention", true, "Expected false for use_bidirectional_attention but received true"],
    ["llama-dynamic", "rope_parameters", { rope_type: "longrope" }, "longrope"],
  ];
  it.each(cases)("%s: %s = %j", async (family, key, value, message) => {
    const path = configured(family, (config) => Object.assign(config, { [key]: value }));
    await expect(load(path)).rejects.toThrow(message);
  });

  it("for a text that is longer than the positions, which dynamic angles stretch by their factor", async () => {
    await using model = await load(fixturePath("llama-dynamic"));
    expect(model.maximumTokens).toBe(12);
    const long = new Uint32Array(13);
    expect(() => model.forward({ sequences: [long] })).toThrow("at most 12 tokens");
  });
});
