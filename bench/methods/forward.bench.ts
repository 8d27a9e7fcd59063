import { existsSync } from "node:fs";
import { join } from "node:path";
import { readCorpus } from "../../src/corpus/read.js";
import type { Device } from "../../src/device/device.js";
import { readConfig } from "../../src/model/config.js";
import { loadModel } from "../../src/model/load.js";
import type { Forward, Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { loadTokenizer } from "../../src/model/tokenizer.js";
import { largestDifference, readReference } from "../../test/fixtures/model-fixture.js";
import { benchmark } from "../measure.js";
import { root } from "../root.js";

const data = process.env.NEUROMETRY_DATA ?? join(root, "../shared/data");
const path = join(data, "models/all-minilm-l6-v2");
const treebank = join(data, "corpora/UD_English-EWT/en_ewt-ud-dev.conllu");
if (!existsSync(treebank)) {
  throw new Error(`Expected ${treebank}, or NEUROMETRY_DATA to name a folder of models and corpora`);
}
const corpus = await readCorpus(treebank);
/** Multiplications and additions per token in the products of six layers, as PERFORMANCE.md counts them. */
const operationsPerToken = 21.2e6;
const batchTokens = 4096;

/** The texts of every so-many-th sentence. */
const textsOf = (sentences: number) => {
  const step = Math.floor(corpus.sentences.length / sentences);
  return Array.from({ length: sentences }, (_, i) => corpus.sentences[i * step]!.text);
};

const tokenizer = await loadTokenizer(path, await readConfig(path));
const sizesOf = async (sentences: number) => {
  const sequences = (await tokenizer.encode(textsOf(sentences))).map(({ ids }) => ids);
  const tokens = sequences.reduce((sum, { length }) => sum + length, 0);
  return { label: `${sentences} sentences, ${tokens} tokens`, sequences, tokens };
};
const sizes = [await sizesOf(125), await sizesOf(500), await sizesOf(2000)] as const;

await benchmark({
  name: "forward",
  about:
    "forward pass of a real BERT (all-minilm-l6-v2) over sentences of UD English EWT dev, all residuals captured; transformers in batches of 32 sorted by length, and one by one",
  dtype: "float32",
  unit: "flop",
  sizes,
  work: ({ tokens }) => tokens * operationsPerToken,
  async prepare(device, { sequences }) {
    const model = await loadModel(path, { device });
    const setup = [
      "import json, torch, transformers",
      `ids = json.loads('${JSON.stringify(sequences.map((ids) => [...ids]))}')`,
      `model = transformers.AutoModel.from_pretrained('${path}').eval()`,
      "ids.sort(key=len)",
      "def forward(size):",
      "  with torch.inference_mode():",
      "    for i in range(0, len(ids), size):",
      "      part = ids[i:i + size]; longest = len(part[-1])",
      "      batch = torch.tensor([row + [0] * (longest - len(row)) for row in part])",
      "      mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in part])",
      "      model(input_ids=batch, attention_mask=mask, output_hidden_states=True)",
    ].join("\n");
    return {
      run: () => forwardAll(model, sequences),
      check: () => checkReference(model, device),
      python: {
        "transformers, batches of 32": { setup, run: "forward(32)" },
        ...(sequences.length === 125 && { "transformers, one by one": { setup, run: "forward(1)" } }),
      },
      dispose: () => void model[Symbol.asyncDispose](),
    };
  },
});

async function forwardAll(model: Model, sequences: readonly Uint32Array[]): Promise<void> {
  const sites = selectSites(model.sites, "layers.*.residual");
  const running: Forward[] = [];
  let batch: Uint32Array[] = [];
  let tokens = 0;
  for (const [i, sequence] of sequences.entries()) {
    batch.push(sequence);
    tokens += sequence.length;
    if (tokens + (sequences[i + 1]?.length ?? batchTokens) <= batchTokens) continue;
    running.push(model.forward({ sequences: batch, capture: { sites } }));
    [batch, tokens] = [[], 0];
    if (running.length > 2) running.shift()![Symbol.dispose]();
  }
  for (const forward of running) {
    await forward.done;
    forward[Symbol.dispose]();
  }
}

/** A few rows that transformers computed: the largest difference. */
async function checkReference(model: Model, device: Device): Promise<number> {
  const { sequences, tensors, rows } = await readReference(join(root, "test/fixtures/models/minilm-reference.safetensors")); // biome-ignore format: one line
  const [site] = selectSites(model.sites, "layers.5.residual");
  const chosen = { starts: rows, ends: rows.map((row) => row + 1), pool: "first" } as const;
  using forward = model.forward({ sequences, capture: { sites: [site!], rows: chosen } });
  const worst = largestDifference(await forward.captured!.values(), tensors.get("layers.5.residual")!);
  if (!(worst < 1e-4))
    throw new Error(`Expected the rows of transformers on ${device.description.name}, off by ${worst}`);
  return worst;
}
