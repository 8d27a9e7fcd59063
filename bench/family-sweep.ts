import { rmSync } from "node:fs";
import { join } from "node:path";
import { measureAblations } from "../src/methods/causal/measure.js";
import { loadModel } from "../src/model/load.js";
import { saveTransformer, type TransformerShape } from "../test/fixtures/random-transformer.js";
import { plain } from "../test/methods/causal/plain-loop.js";
import { type FamilySweep, familyPeers } from "./family-peers.js";
import { benchmark } from "./measure.js";
import { randomPassages, zeroed } from "./passages.js";
import { root } from "./root.js";

/** A sweep over neurons of one layer of a transformer with random weights. */
export interface FamilyBenchmark {
  readonly name: string;
  /** The shape in words, such as "BERT base's shape". */
  readonly of: string;
  readonly shape: TransformerShape & { readonly family: FamilySweep["family"] };
  readonly layer: number;
  readonly metric: FamilySweep["metric"];
  /** At 1 × 16, 8 × 32 and 32 × 32 tokens: so many that the pass of the untouched model is a small share. */
  readonly neurons: readonly [number, number, number];
}

const size = (texts: number, tokens: number, neurons: number) => {
  return { label: `${texts} × ${tokens}, ${neurons} neurons`, texts, tokens, neurons };
};
type Size = ReturnType<typeof size>;

/** Relative: one neuron moves rows by a hundredth of their size, of which float32 keeps fewer digits. */
const tolerances = { loss: 1e-5, representation: 1e-4 };

/**
 * Multiplications and additions that are left for a token of a neuron: the layers above it, the first one but for its
 * queries, keys and values, which are sums of two known rows; and logits where they are read. Of the last position alone,
 * the last layer has nothing but queries, keys and values elsewhere.
 */
function operationsOf({ shape, layer, metric }: FamilyBenchmark, { tokens }: Size): number {
  const { family, layers, width, heads, keyHeads = heads, hidden, vocabulary } = shape;
  const projection = 2 * width * (width + 2 * (width / heads) * keyHeads);
  const behind = 2 * width * width + 2 * (family === "llama" ? 3 : 2) * width * hidden;
  const above = (layers - 1 - layer) * (projection + behind) - projection;
  if (metric === "representation") return above;
  const read = (metric === "loss everywhere" ? tokens - 1 : 1) / tokens;
  const unread = metric === "loss everywhere" ? 0 : (1 - read) * behind;
  return above - unread + read * 2 * width * vocabulary;
}

/** Times the sweep beside a loop of hooks and batches of copies by hand; first its result is compared with plain passes. */
export async function benchmarkFamily(given: FamilyBenchmark): Promise<void> {
  const { name, of, shape, layer, metric, neurons } = given;
  const folder = join(root, `.cache/random-${shape.family}-sweep-${process.pid}`);
  saveTransformer(shape, folder);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const measured = metric === "representation" ? "representation" : "loss";
  await benchmark({
    name,
    about: `each of some MLP neurons of layer ${layer} of ${of} (random weights) set to zero: ${metric}; the share is of the arithmetic that is left; beside a pass with a hook a neuron and batches of copies that begin at the layer`,
    dtype: "float32",
    unit: "flop",
    sizes: [size(1, 16, neurons[0]), size(8, 32, neurons[1]), size(32, 32, neurons[2])],
    work: (size) => size.texts * size.tokens * size.neurons * operationsOf(given, size),
    async prepare(device, { texts, tokens, neurons }) {
      const model = await loadModel(folder, { device });
      const last = metric === "loss at the last position";
      const passages = randomPassages({ texts, tokens, vocabulary: shape.vocabulary, last });
      const ablations = Array.from({ length: neurons }, (_, neuron) => zeroed(`layers.${layer}.mlp.hidden`, neuron));
      const truths = [ablations[0]!, ablations.at(-1)!].map((one) => plain(model, passages, one, measured));
      const [first, final] = [await truths[0]!, await truths[1]!];
      const ids = passages.map((passage) => passage.ids);
      return {
        run: () => measureAblations(model, passages, ablations, { metric: measured, positions: "all", batchTokens: 4096 }), // biome-ignore format: one line
        check({ ablated }) {
          const off = ([{ sum, count }, truth]: readonly [{ sum: number; count: number }, number]) => Math.abs(sum / count / truth - 1); // biome-ignore format: one line
          const worst = Math.max(off([ablated[0]!, first]), off([ablated.at(-1)!, final]));
          if (!(worst <= tolerances[measured])) throw new Error(`Expected the metric of whole passes, off by ${worst}`);
          return worst;
        },
        python: familyPeers({ folder, family: shape.family, layer, neurons, ids, metric, truth: first }),
        dispose: () => void model[Symbol.asyncDispose](),
      };
    },
  });
}
