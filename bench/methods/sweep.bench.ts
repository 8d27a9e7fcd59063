import { rmSync } from "node:fs";
import { join } from "node:path";
import { random } from "../../src/core/random.js";
import { type Ablation, measureAblations } from "../../src/methods/causal/measure.js";
import type { Passage } from "../../src/methods/causal/passages.js";
import { loadModel } from "../../src/model/load.js";
import { type Model, NO_TARGET } from "../../src/model/model.js";
import { benchmark } from "../measure.js";
import { makeGpt2, saveGpt2 } from "../random-gpt2.js";
import { root } from "../root.js";

const vocabulary = 50_257;
const folder = join(root, ".cache/random-gpt2-sweep");
saveGpt2(makeGpt2({ layers: 12, width: 768, heads: 12, vocabulary, positions: 1024 }), folder);
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const layer = 5;
const site = `layers.${layer}.mlp.hidden`;
type Metric = "loss everywhere" | "last position";
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

await benchmark({
  name: "sweep",
  about:
    "each of some MLP neurons of layer 5 of GPT-2 small's shape (random weights) set to zero: the loss everywhere, or at the last position; the share is of the arithmetic that is left; against a loop of hooks, and against a batch of copies that goes on from layer 5, both in torch",
  dtype: "float32",
  unit: "flop",
  sizes: [size(1, 16, "loss everywhere", 32), size(8, 32, "loss everywhere", 8), size(8, 32, "last position", 8)],
  work: operationsOf,
  async prepare(device, { texts, tokens, metric, neurons }) {
    const model = await loadModel(folder, { device });
    const passages = passagesOf(texts, tokens, metric);
    const ablations = Array.from({ length: neurons }, (_, neuron) => zero(neuron));
    const options = { metric: "loss", positions: "all", batchTokens: 4096 } as const;
    return {
      run: () => measureAblations(model, passages, ablations, options),
      check: async ({ ablated }) => {
        let worst = 0;
        for (const neuron of [0, neurons - 1]) {
          const truth = await plainLoss(model, passages, zero(neuron));
          const { sum, count } = ablated[neuron]!;
          worst = Math.max(worst, Math.abs(sum / count - truth) / truth);
        }
        if (!(worst <= 1e-5)) throw new Error(`Expected the loss of a pass without copies, off by ${worst}`);
        return worst;
      },
      python: torchPeers(passages, metric, neurons),
      dispose: () => void model[Symbol.asyncDispose](),
    };
  },
});

function zero(neuron: number): Ablation {
  return { parts: [{ site, columns: [neuron], operation: "set", value: 0 }] };
}

function passagesOf(texts: number, tokens: number, metric: Metric): Passage[] {
  const uniform = random(texts);
  return Array.from({ length: texts }, (_, sentence) => {
    const ids = Uint32Array.from({ length: tokens }, () => Math.floor(vocabulary * uniform()));
    const targets = Uint32Array.of(...ids.subarray(1), NO_TARGET);
    if (metric === "last position") targets.fill(NO_TARGET, 0, tokens - 2);
    return { sentence, ids, targets, special: new Uint8Array(tokens), words: new Int32Array(tokens) };
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

function torchPeers(passages: readonly Passage[], metric: Metric, neurons: number) {
  const setup = `import torch, transformers
from torch.nn.functional import cross_entropy
m = transformers.AutoModelForCausalLM.from_pretrained('${folder}', dtype=torch.float32).eval()
t, neurons, last = m.transformer, ${neurons}, ${metric === "last position" ? "True" : "False"}
ids = torch.tensor(${JSON.stringify(passages.map(({ ids }) => [...ids]))})
def loss(x, ids):
  x, y = (x[:, -2:-1], ids[:, -1:]) if last else (x[:, :-1], ids[:, 1:])
  return cross_entropy(m.lm_head(x).flatten(0, 1), y.flatten(), reduction='none').view(y.shape)
class Zero:
  def __init__(self, j): self.j = j
  def __call__(self, module, given): h = given[0].clone(); h[..., self.j] = 0; return (h,)
def hooks(count):
  losses = []
  with torch.inference_mode():
    for j in range(count):
      hook = t.h[${layer}].mlp.c_proj.register_forward_pre_hook(Zero(j))
      losses.append(loss(t(ids)[0], ids).mean())
      hook.remove()
  return losses
def block(i, x):
  y = t.h[i](x)
  return y[0] if isinstance(y, tuple) else y
def suffix(count):
  kept, losses = {}, []
  hook = t.h[${layer}].mlp.c_proj.register_forward_pre_hook(lambda module, given: kept.update(h=given[0]))
  after = t.h[${layer}].register_forward_hook(lambda module, given, out: kept.update(x=out[0] if isinstance(out, tuple) else out))
  with torch.inference_mode():
    t(ids); hook.remove(); after.remove()
    copies = max(1, 4096 // ids.numel())
    for first in range(0, count, copies):
      j = torch.arange(first, min(first + copies, count))
      x = kept['x'] - kept['h'][..., j].permute(2, 0, 1)[..., None] * t.h[${layer}].mlp.c_proj.weight[j][:, None, None]
      x = x.flatten(0, 1)
      for i in range(${layer + 1}, 12): x = block(i, x)
      own = loss(t.ln_f(x), ids.repeat(len(j), 1))
      losses.extend(own.view(len(j), -1).mean(1))
  return losses
assert max(abs(a - b) for a, b in zip(hooks(2), suffix(2))) < 1e-3`;
  return {
    "torch, a hook a neuron": { setup, run: "hooks(neurons)" },
    "torch, a batch of copies from layer 5 on": { setup, run: "suffix(neurons)" },
  };
}
