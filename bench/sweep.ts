import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Ablation, measureAblations } from "../src/methods/causal/measure.js";
import type { Passage } from "../src/methods/causal/passages.js";
import { loadModel } from "../src/model/load.js";
import { type Model, NO_TARGET } from "../src/model/model.js";
import { benchmark } from "./measure.js";
import { randomPassages, zeroed } from "./passages.js";
import { makeGpt2, saveGpt2 } from "./random-gpt2.js";
import { root } from "./root.js";
import { sweepPeers } from "./sweep-peers.js";

const vocabulary = 50_257;
const folder = join(root, `.cache/random-gpt2-sweep-${process.pid}`);
saveGpt2(makeGpt2({ layers: 12, width: 768, heads: 12, vocabulary, positions: 1024 }), folder);
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

export const layers = 12;
export type Metric = "loss everywhere" | "loss at the last position";
const size = (texts: number, tokens: number, metric: Metric, neurons: number) => {
  return { label: `${texts} × ${tokens}, ${metric}, ${neurons} neurons`, texts, tokens, metric, neurons };
};
type Size = ReturnType<typeof size>;

const layerOperations = 24 * 768 * 768;
const projection = 6 * 768 * 768;

/**
 * Multiplications and additions that are left for a token of a neuron of a layer: the layers above it, the first one but for
 * its queries, keys and values, which are sums of two known rows like the last layer's logits; and logits where they are read.
 */
function operationsOf(layer: number, { tokens, metric }: Size): number {
  const read = (metric === "loss everywhere" ? tokens - 1 : 1) / tokens;
  if (layer === layers - 1) return 4 * vocabulary * read;
  const logits = 2 * 768 * vocabulary * read;
  const above = (layers - 1 - layer) * layerOperations - projection;
  if (metric === "loss everywhere") return above + logits;
  const last = (layerOperations - projection) * (1 - read); // beside what is read, the last layer has keys and values only
  return above - last + logits;
}

/**
 * Times the sweep over the same number of neurons of each of some layers.
 *
 * @param neurons of each layer, at the three sizes: as many as make the one pass of the untouched model, which is timed but
 *   is not counted as work, as small a share as where people sweep thousands
 */
export async function benchmarkSweep(
  name: string,
  of: readonly number[],
  metric: Metric,
  neurons: readonly [number, number, number],
  peers: "with peers" | "alone" = "alone",
): Promise<void> {
  const which = of.length > 1 ? "all layers" : `layer ${of[0]}`;
  const left = of.includes(layers - 1) && of.length === 1 ? "few products are left: their logits are sums of known ones" : "the share is of the arithmetic that is left"; // biome-ignore format: one line
  await benchmark({
    name,
    about: `each of some MLP neurons of ${which} of GPT-2 small's shape (random weights) set to zero: the ${metric}; ${left}${peers === "with peers" ? "; beside a pass with a hook a neuron and batches of copies that begin at the layer, both timed over some of the neurons" : ""}`,
    dtype: "float32",
    unit: of.length === 1 && of[0] === layers - 1 ? "token" : "flop",
    sizes: [size(1, 16, metric, neurons[0]), size(8, 32, metric, neurons[1]), size(32, 32, metric, neurons[2])],
    work(size) {
      const all = size.texts * size.tokens * size.neurons;
      if (of.length === 1 && of[0] === layers - 1) return all;
      return all * of.reduce((sum, layer) => sum + operationsOf(layer, size), 0);
    },
    async prepare(device, { texts, tokens, metric, neurons }) {
      const model = await loadModel(folder, { device });
      const last = metric === "loss at the last position";
      const passages = randomPassages({ texts, tokens, vocabulary, last });
      const ablations = of.flatMap((layer) =>
        Array.from({ length: neurons }, (_, neuron) => zeroed(`layers.${layer}.mlp.hidden`, neuron)),
      );
      const options = { metric: "loss", positions: "all", batchTokens: 4096 } as const;
      return {
        run: () => measureAblations(model, passages, ablations, options),
        check: async ({ ablated }) => {
          let worst = 0;
          for (const number of [0, ablations.length - 1]) {
            const truth = await plainLoss(model, passages, ablations[number]!);
            const { sum, count } = ablated[number]!;
            worst = Math.max(worst, Math.abs(sum / count - truth) / truth);
          }
          if (!(worst <= 1e-5)) throw new Error(`Expected the loss of a pass without copies, off by ${worst}`);
          return worst;
        },
        ...(peers === "with peers" && {
          python: sweepPeers({ folder, layer: of[0]!, neurons, ids: passages.map(({ ids }) => ids), last }),
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
