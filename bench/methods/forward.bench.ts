import { existsSync } from "node:fs";
import { join } from "node:path";
import { readCorpus } from "../../src/corpus/read.js";
import type { Device } from "../../src/device/device.js";
import { readConfig } from "../../src/model/config.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { loadTokenizer } from "../../src/model/tokenizer.js";
import { largestDifference, readMiniLmReference } from "../../test/fixtures/model-fixture.js";
import { forwardAll, transformersPeer } from "../forward.js";
import { benchmark } from "../measure.js";
import { weightsSize } from "../memory.js";
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
const sizes = [await sizesOf(125), await sizesOf(500), await sizesOf(1000)] as const;

await benchmark({
  name: "forward",
  about: `forward pass of a real BERT (all-minilm-l6-v2, ${weightsSize(path)}) over sentences of UD English EWT dev, all residuals captured; transformers in batches of 32 sorted by length, and one by one`,
  dtype: "float32",
  unit: "flop",
  sizes,
  work: ({ tokens }) => tokens * operationsPerToken,
  async prepare(device, { sequences }) {
    const model = await loadModel(path, { device });
    return {
      run: () => forwardAll(model, sequences),
      check: () => checkReference(model, device),
      python: transformersPeer(path, sequences, sequences.length === 125),
      dispose: () => void model[Symbol.asyncDispose](),
    };
  },
});

/** A few rows that transformers computed: the largest difference. */
async function checkReference(model: Model, device: Device): Promise<number> {
  const { sequences, tensors, rows } = await readMiniLmReference();
  const [site] = selectSites(model.sites, "layers.5.residual");
  const chosen = { starts: rows, ends: rows.map((row) => row + 1), pool: "first" } as const;
  using forward = model.forward({ sequences, capture: { sites: [site!], rows: chosen } });
  const worst = largestDifference(await forward.captured!.values(), tensors.get("layers.5.residual")!);
  if (!(worst < 1e-4))
    throw new Error(`Expected the rows of transformers on ${device.description.name}, off by ${worst}`);
  return worst;
}
