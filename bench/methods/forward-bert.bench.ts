import { existsSync } from "node:fs";
import { join } from "node:path";
import { activations } from "../../src/activations/live.js";
import type { Corpus } from "../../src/corpus/corpus.js";
import { readCorpus } from "../../src/corpus/read.js";
import { fileTokenizer } from "../../src/model/file-tokenizer.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { benchmark } from "../measure.js";
import { root } from "../root.js";

const data = process.env.NEUROMETRY_DATA ?? join(root, "../shared/data");
const path = join(data, "models/all-minilm-l6-v2");
const treebank = join(data, "corpora/UD_English-EWT/en_ewt-ud-dev.conllu");
if (!existsSync(path)) throw new Error(`Expected ${path}, or NEUROMETRY_DATA to name a folder of models and corpora`);

const corpus = await readCorpus(treebank);
const encodings = await (await fileTokenizer(join(path, "tokenizer.json"))).encode(
  corpus.sentences.map(({ text }) => text),
);
const lengths = encodings.map(({ ids }) => ids.length);
const size = (sentences: number) => ({ label: `${sentences} sentences`, sentences });

/** Multiply-adds of a token count as two: attention's own products of these short sentences included. */
const flopPerToken = 21.2e6;

await benchmark({
  name: "forward-bert",
  about:
    "all-minilm-l6-v2 over UD English EWT dev with every residual captured on the device, batches packed without padding; 21.2 MFLOP a token.",
  dtype: "float32",
  unit: "flop",
  sizes: [size(500), size(1000), size(corpus.sentences.length)],
  work: ({ sentences }) => flopPerToken * lengths.slice(0, sentences).reduce((sum, length) => sum + length, 0),
  async prepare(device, { sentences }) {
    const model = await loadModel(path, { device });
    const part: Corpus = { ...corpus, sentences: corpus.sentences.slice(0, sentences) };
    const source = await activations(model, part, { sites: "layers.*.residual", rows: "token" });
    return {
      async run() {
        for await (const block of source.blocks()) (await block.place(device))[Symbol.dispose]();
      },
      check: () => differenceOfPacking(model, part),
      python:
        sentences > 1000
          ? {}
          : {
              "transformers, batches of 32 by length": peer(sentences, 32),
              "transformers, one by one": peer(sentences, 1),
            },
    };
  },
});

/** The largest difference between a sentence in its batch and alone; parity with the reference is a test of its own. */
async function differenceOfPacking(model: Model, part: Corpus): Promise<number> {
  const options = { sites: "layers.5.residual", rows: "token" } as const;
  const few = { ...part, sentences: part.sentences.slice(0, 64) };
  let largest = 0;
  let row = 0;
  const together = await valuesOf(await activations(model, few, options));
  for (const sentence of few.sentences) {
    const alone = await valuesOf(await activations(model, { ...few, sentences: [sentence] }, options));
    alone.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value - (together[row + i] ?? Number.NaN)));
    });
    row += alone.length;
  }
  if (!(largest < 1e-4)) throw new Error(`Packing changes a residual by ${largest}`);
  return largest;
}

async function valuesOf(source: Awaited<ReturnType<typeof activations>>): Promise<Float32Array> {
  const values = new Float32Array(source.rows * source.columns);
  for await (const block of source.blocks()) values.set(await block.values(), block.firstRow * source.columns);
  return values;
}

function peer(sentences: number, batch: number) {
  return {
    setup: `import torch
from transformers import AutoModel, AutoTokenizer
t = AutoTokenizer.from_pretrained(${JSON.stringify(path)}); m = AutoModel.from_pretrained(${JSON.stringify(path)}, dtype=torch.float32).eval()
texts = [l[len("# text = "):].rstrip("\\n") for l in open(${JSON.stringify(treebank)}, encoding="utf8") if l.startswith("# text = ")][:${sentences}]
ids = sorted(t(texts)["input_ids"], key=len)
batches = [t.pad({"input_ids": ids[i:i + ${batch}]}, return_tensors="pt") for i in range(0, len(ids), ${batch})]`,
    run: `with torch.inference_mode():
    for b in batches: m(**b, output_hidden_states=True)`,
  };
}
