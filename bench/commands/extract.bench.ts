import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { benchmarkCommand } from "../command.js";
import { root } from "../root.js";

const data = process.env.NEUROMETRY_DATA ?? join(root, "../shared/data");
const model = join(data, "models/all-minilm-l6-v2");
const treebank = join(data, "corpora/UD_English-EWT/en_ewt-ud-dev.conllu");
if (!existsSync(treebank))
  throw new Error(`Expected ${treebank}, or NEUROMETRY_DATA to name a folder of models and corpora`);
const blocks = readFileSync(treebank, "utf8")
  .split("\n\n")
  .filter((block) => block.trim() !== "");
const size = (sentences: number) => ({ label: `${sentences} sentences`, sentences });
const words = (sentences: number) =>
  blocks.slice(0, sentences).reduce((sum, block) => sum + [...block.matchAll(/^\d+\t/gm)].length, 0);

await benchmarkCommand({
  name: "extract",
  about:
    "`neurometry extract` of a real BERT (all-minilm-l6-v2) over UD English EWT dev: all residuals of words, from files to files. Transformers in batches of 32 sorted by length.",
  dtype: "float32",
  unit: "row",
  sizes: [size(500), size(1000), size(blocks.length)],
  work: ({ sentences }) => words(sentences),
  prepare({ sentences }, folder) {
    const corpus = join(folder, `${sentences}.conllu`);
    writeFileSync(corpus, `${blocks.slice(0, sentences).join("\n\n")}\n\n`);
    const [ours, theirs] = [join(folder, `ours-${sentences}`), join(folder, "theirs.npy")];
    const source = [
      "--model",
      model,
      "--corpus",
      corpus,
      "--sites",
      "layers.*.residual",
      "--rows",
      "word",
      "--pool",
      "last",
    ];
    return {
      ours: ["extract", ...source, "--device", "native", "--out", ours],
      peers: { transformers: ["extract_words.py", model, corpus, theirs] },
      check: ({ peers }) => (peers ? largestDifference(ours, theirs) : null),
    };
  },
});

/** Compares the shards of a store with an .npy file of the same rows. */
function largestDifference(store: string, npy: string): number {
  const theirs = floatsOf(readFileSync(npy), (bytes) => 10 + bytes.readUInt16LE(8));
  let place = 0;
  let largest = 0;
  for (let shard = 0; ; shard++) {
    const path = join(store, `activations-${String(shard).padStart(5, "0")}.safetensors`);
    if (!existsSync(path)) break;
    for (const value of floatsOf(readFileSync(path), (bytes) => 8 + Number(bytes.readBigUInt64LE(0)))) {
      largest = Math.max(largest, Math.abs(value - (theirs[place++] ?? Number.NaN)));
    }
  }
  if (place !== theirs.length || !(largest < 1e-3)) {
    throw new Error(`${place} numbers against ${theirs.length}, largest difference ${largest}`);
  }
  return largest;
}

function floatsOf(bytes: Buffer, head: (bytes: Buffer) => number): Float32Array {
  const from = head(bytes);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + bytes.length));
}
