import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Ablation, measureAblations } from "../../src/methods/causal/measure.js";
import type { Passage } from "../../src/methods/causal/passages.js";
import { loadModel } from "../../src/model/load.js";
import { type Model, NO_TARGET } from "../../src/model/model.js";
import { benchmark } from "../measure.js";
import { randomPassages, zeroed } from "../passages.js";
import { makeGpt2, saveGpt2 } from "../random-gpt2.js";
import { root } from "../root.js";
import { sweepPeers } from "./sweep-peers.js";

const vocabulary = 50_257;
const folder = join(root, ".cache/random-gpt2-sweep");
saveGpt2(makeGpt2({ layers: 12, width: 768, heads: 12, vocabulary, positions: 1024 }), folder);
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const layer = 5;
const site = `layers.${layer}.mlp.hidden`;
type Metric = "loss everywhere" | "loss at the last position";
const size = (texts: number, tokens: number, metric: Metric, neurons: number) => {
  return { label: `${texts} × ${tokens}, ${metric}, ${neurons} neurons`, texts, tokens, metric, neurons };
};
type Size = ReturnType<typeof size>;

/** Multiplications and additions of the products that are left: six layers, and logits where they are read. */
const layerOperations = 24 * 768 * 768;
const logitOperations = 2 * 768 * vocabulary;
function operationsOf({ texts, tokens, metric, neurons }: Size): number {
  const all = texts * tokens * neurons;
  if (metric === "loss everywhere") return all * (6 * layerOperations + ((tokens - 1) / tokens) * logitOperations);
  const projection = 6 * 768 * 768; // queries, keys and values are needed of every token
  const read = layerOperations - projection + logitOperations;
  return all * (5 * layerOperations + projection + read / tokens);
}

for (const metric of ["loss everywhere", "loss at the last position"] as const) await measure(metric);

async function measure(metric: Metric): Promise<void> {
  await benchmark({
    name: "sweep",
    about: `each of some MLP neurons of layer 5 of GPT-2 small's shape (random weights) set to zero: the ${metric}; the share is of the arithmetic that is left; beside a pass with a hook a neuron and batches of copies that begin at layer 5`,
    dtype: "float32",
    unit: "flop",
    sizes: [size(1, 16, metric, 32), size(8, 32, metric, 8), size(32, 32, metric, 4)],
    work: operationsOf,
    async prepare(device, { texts, tokens, metric, neurons }) {
      const model = await loadModel(folder, { device });
      const last = metric === "loss at the last position";
      const passages = randomPassages({ texts, tokens, vocabulary, last });
      const ablations = Array.from({ length: neurons }, (_, neuron) => zeroed(site, neuron));
      const options = { metric: "loss", positions: "all", batchTokens: 4096 } as const;
      return {
        run: () => measureAblations(model, passages, ablations, options),
        check: async ({ ablated }) => {
          let worst = 0;
          for (const neuron of [0, neurons - 1]) {
            const truth = await plainLoss(model, passages, zeroed(site, neuron));
            const { sum, count } = ablated[neuron]!;
            worst = Math.max(worst, Math.abs(sum / count - truth) / truth);
          }
          if (!(worst <= 1e-5)) throw new Error(`Expected the loss of a pass without copies, off by ${worst}`);
          return worst;
        },
        python: sweepPeers({
          folder,
          layer,
          neurons,
          ids: passages.map(({ ids }) => ids),
          last,
        }),
        dispose: () => void model[Symbol.asyncDispose](),
      };
    },
  });
}

/** One ablation, each text alone. */
async function plainLoss(model: Model, passages: readonly Passage[], { parts }: Ablation): Promise<number> {
  let [sum, count] = [0, 0];
  for (const { ids, targets } of passages) {
    using forward = model.forward({ sequences: [ids], targets, interventions: [...parts] });
    sum += (await forward.losses()).reduce((total, loss) => total + loss, 0);
    count += targets.filter((target) => target !== NO_TARGET).length;
  }
  return sum / count;
}
