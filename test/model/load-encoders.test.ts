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
  using forward = model.forward({ sequences: [Uint32Array.of(7, 2, 3, 4)], targets: Uint32Array.of(2, 3, 4, 5) });
  return await forward.losses();
}

const prefixes = {
  bert: "bert.",
  roberta: "roberta.",
  distilbert: "distilbert.",
  electra: "electra.",
  albert: "albert.",
};
const embedding = "embeddings.word_embeddings.weight";
const decoders = {
  bert: "cls.predictions.decoder.weight",
  roberta: "lm_head.decoder.weight",
  distilbert: "vocab_projector.weight",
  electra: "generator_lm_head.weight",
  albert: "predictions.decoder.weight",
};

describe.each(["bert", "roberta", "distilbert", "electra", "albert"] as const)("a file of %s", (family) => {
  it("may lack the prefix, keep its tied decoder, and have buffers and heads that nothing uses", async () => {
    const path = copy(family);
    const extra = ["embeddings.position_ids", "cls.seq_relationship.weight"];
    await editWeights(path, (tensors) => {
      for (const [name, tensor] of [...tensors]) {
        tensors.delete(name);
        tensors.set(name.replace(prefixes[family], ""), tensor);
      }
      tensors.set(decoders[family], tensors.get(embedding)!);
      for (const name of extra) tensors.set(name, { shape: [2], values: new Float32Array(2) });
    });
    await using model = await load(path);
    expect(model.unused).toEqual(expect.arrayContaining(extra));
    expect(model.unused.every((name) => extra.includes(name) || name.startsWith("pooler"))).toBe(true);
    expect(await losses(path)).toEqual(await losses(fixturePath(family)));
  });

  it("may call the numbers of its norms gamma and beta, as the first checkpoints do", async () => {
    const path = copy(family);
    let renamed = 0;
    await editWeights(path, (tensors) => {
      for (const [name, tensor] of [...tensors].filter(([name]) => name.includes("LayerNorm."))) {
        tensors.delete(name);
        tensors.set(name.replace("Norm.weight", "Norm.gamma").replace("Norm.bias", "Norm.beta"), tensor);
        renamed++;
      }
    });
    expect(renamed).toBeGreaterThan(1);
    await using model = await load(path);
    expect(model.unused.filter((name) => /gamma|beta/.test(name))).toEqual([]);
    expect(await losses(path)).toEqual(await losses(fixturePath(family)));
  });

  it("may have a decoder that is not tied, which is then the one that counts", async () => {
    const path = copy(family);
    await editWeights(path, (tensors) => {
      const { shape, values } = tensors.get(prefixes[family] + embedding)!;
      tensors.set(decoders[family], { shape, values: values.map((value) => -value) });
    });
    expect(await losses(path)).not.toEqual(await losses(fixturePath(family)));
  });
});

describe("an encoder", () => {
  it("has no head where its class is the body alone, whatever the file has", async () => {
    const path = copy("roberta");
    editConfig(path, (config) => {
      config.architectures = ["RobertaModel"];
    });
    await using model = await load(path);
    expect(model.head.kind).toBe("none");
    expect(model.unused).toContain("lm_head.dense.weight");
  });

  it("counts its positions behind those that a family skips, and its shared weights once", async () => {
    await using roberta = await load(fixturePath("roberta"));
    expect(roberta.maximumTokens).toBe(8);
    await using albert = await load(fixturePath("albert"));
    expect(albert.layers).toBe(6);
    const layer = 4 * (8 * 8 + 8) + 2 * (8 * 12) + 12 + 8 + 4 * 8;
    const embeddings = (37 + 10 + 2 + 2) * 12 + 12 * 8 + 8;
    expect(albert.parameters).toBe(4 * layer + embeddings + (8 * 12 + 12) + 2 * 12 + 37);
  });

  it("names its classes LABEL_0 … where the config gives them no names", async () => {
    const path = copy("bert-tokens");
    editConfig(path, (config) => {
      config.id2label = { 1: "noun" };
      config.num_labels = 5;
    });
    await using model = await load(path);
    expect(model.head.labels).toEqual(["LABEL_0", "noun", "LABEL_2", "LABEL_3", "LABEL_4"]);
  });

  it("is refused where it is a decoder, its head is not known or incomplete, or its sizes do not fit", async () => {
    const cases: [Family, string, unknown, string][] = [
      ["bert", "is_decoder", true, "Expected false for is_decoder but received true"],
      ["roberta", "architectures", ["RobertaForPonies"], "Expected a class that ends in one of ForCausalLM"],
      [
        "roberta",
        "architectures",
        ["RobertaForTokenClassification"],
        "Expected a tensor classifier.weight of shape [5",
      ],
      ["roberta", "pad_token_id", 9, "Expected more than 10 for max_position_embeddings but received 10"],
      ["roberta", "pad_token_id", -1, "Expected a whole number from 0 on for pad_token_id but received -1"],
      ["electra", "position_embedding_type", "relative_key", "Expected one of absolute"],
      ["electra", "embedding_size", 16, "Expected a tensor embeddings.word_embeddings.weight of shape [37, 16]"],
      ["distilbert", "n_heads", 3, "Expected a divisor of the width 8 for n_heads but received 3"],
      ["albert", "num_hidden_groups", 4, "Expected at most the 3 layers for num_hidden_groups but received 4"],
      ["bert-sequences", "id2label", { 0: "a", 1: "b" }, "Expected a tensor classifier.weight of shape [2, 8]"],
    ];
    for (const [family, key, value, message] of cases) {
      const path = copy(family);
      editConfig(path, (config) => {
        config[key] = value;
        if (key === "architectures") config.num_labels = 5;
      });
      await expect(load(path), key).rejects.toThrow(message);
    }
  });
});
