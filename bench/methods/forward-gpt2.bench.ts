import { rmSync } from "node:fs";
import { join } from "node:path";
import { random } from "../../src/core/random.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { forwardAll, transformersPeer } from "../forward.js";
import { benchmark } from "../measure.js";
import { weightsSize } from "../memory.js";
import { makeGpt2, saveGpt2, slowResidual } from "../random-gpt2.js";
import { root } from "../root.js";

/** The shape of GPT-2 small, but for its vocabulary, which a pass without logits does not feel. */
const gpt2 = makeGpt2({ layers: 12, width: 768, heads: 12, vocabulary: 256, positions: 1024 });
const folder = join(root, ".cache/random-gpt2");
saveGpt2(gpt2, folder);
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** Multiplications and additions per token in the products of twelve layers, as PERFORMANCE.md counts them. */
const operationsPerToken = 170e6;
/** A text whose truth is computed the slow way. */
const text = [3, 141, 59, 26];
const truth = Float32Array.from(slowResidual(gpt2, text));

/** Texts of 5 to 60 tokens, most of them short, as sentences are. */
function textsOf(count: number) {
  const uniform = random(count);
  const sequences = Array.from({ length: count }, () => {
    const length = 5 + Math.floor(55 * uniform() ** 2);
    return Uint32Array.from({ length }, () => Math.floor(256 * uniform()));
  });
  const tokens = sequences.reduce((sum, { length }) => sum + length, 0);
  return { label: `${count} texts, ${tokens} tokens`, sequences, tokens };
}

await benchmark({
  name: "forward-gpt2",
  about: `forward pass of the shape of GPT-2 small, ${weightsSize(folder)}, random ones, over texts of 5 to 60 tokens, all residuals captured, without logits; transformers in batches of 32 sorted by length, and one by one`,
  dtype: "float32",
  unit: "flop",
  sizes: [textsOf(16), textsOf(64), textsOf(160)],
  work: ({ tokens }) => tokens * operationsPerToken,
  async prepare(device, { sequences }) {
    const model = await loadModel(folder, { device });
    return {
      run: () => forwardAll(model, sequences),
      check: () => check(model),
      python: transformersPeer(folder, sequences, sequences.length === 16),
      dispose: () => void model[Symbol.asyncDispose](),
    };
  },
});

async function check(model: Model): Promise<number> {
  const sites = selectSites(model.sites, "layers.11.residual");
  using forward = model.forward({ sequences: [Uint32Array.from(text)], capture: { sites } });
  const values = await forward.captured!.values();
  const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - truth[i]!)), 0);
  if (!(worst < 1e-3)) throw new Error(`Expected the slow truth, off by ${worst}`);
  return worst;
}
