import { rmSync } from "node:fs";
import { join } from "node:path";
import { measureAblations } from "../../src/methods/causal/measure.js";
import type { Ablation } from "../../src/methods/causal/measure-batch.js";
import type { Passage } from "../../src/methods/causal/passages.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { benchmark } from "../measure.js";
import { randomPassages, zeroed } from "../passages.js";
import { saveLstm } from "../random-lstm.js";
import { root } from "../root.js";

const [width, vocabulary, tokens, units] = [650, 10_000, 64, 128];
const folder = join(root, ".cache/random-lstm-sweep");
saveLstm({ layers: 2, width, vocabulary }, folder);
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

type Metric = "loss" | "representation";
const size = (layer: 0 | 1, metric: Metric) => {
  return { label: `${units} units of layer ${layer}, ${metric}`, layer, metric };
};
type Size = ReturnType<typeof size>;

/** Multiplications and additions of the products that are left: nothing goes on behind the last target. */
function operationsOf({ layer, metric }: Size): number {
  const [product, steps] = [8 * width * width, metric === "loss" ? tokens - 1 : tokens];
  const recurrent = (2 - layer) * (steps - 1) * product;
  const inputs = (1 - layer) * steps * product;
  return units * (recurrent + inputs + (metric === "loss" ? steps * 2 * width * vocabulary : 0));
}

await benchmark({
  name: "sweep-lstm",
  about: `each of ${units} units of a layer of an LSTM of 2 × ${width} units over ${vocabulary} words (random weights) is 0 at every step of a text of ${tokens} tokens; the representation metric needs the recurrent products alone; the share is of the arithmetic that is left; against a torch loop over the units, and a torch batch of copies that goes on from the layer's input products`,
  dtype: "float32",
  unit: "flop",
  sizes: [size(1, "representation"), size(1, "loss"), size(0, "loss")],
  work: operationsOf,
  async prepare(device, { layer, metric }) {
    const model = await loadModel(folder, { device });
    const passage = randomPassages({ texts: 1, tokens, vocabulary })[0]!;
    const ablations = Array.from({ length: units }, (_, unit) => zeroed(`layers.${layer}.hidden`, unit));
    const options = { metric, positions: "all", batchTokens: (units + 1) * tokens } as const;
    return {
      run: () => measureAblations(model, [passage], ablations, options),
      check: async ({ ablated }) => {
        let worst = 0;
        for (const unit of [0, units - 1]) {
          const truth = await plain(model, passage, zeroed(`layers.${layer}.hidden`, unit), metric);
          const { sum, count } = ablated[unit]!;
          worst = Math.max(worst, Math.abs(sum / count - truth) / truth);
        }
        if (!(worst <= 1e-5)) throw new Error(`Expected the metric of a pass without copies, off by ${worst}`);
        return worst;
      },
      python: torchPeers(
        passage,
        layer,
        metric,
        await plain(model, passage, zeroed(`layers.${layer}.hidden`, 0), metric),
      ),
      dispose: () => void model[Symbol.asyncDispose](),
    };
  },
});

/** One ablation in a whole pass, beside one without. */
async function plain(model: Model, { ids, targets }: Passage, { parts }: Ablation, metric: Metric): Promise<number> {
  using forward = model.forward({
    sequences: [ids, ids],
    interventions: parts.map((part) => ({ ...part, sequence: 1 })),
    ...(metric === "loss"
      ? { targets: Uint32Array.of(...targets, ...targets) }
      : { compareWith: Uint32Array.of(0, 0) }),
  });
  const values = metric === "loss" ? await forward.losses() : await forward.distances();
  const count = metric === "loss" ? tokens - 1 : tokens;
  return values.subarray(tokens).reduce((sum, value) => sum + value, 0) / count;
}

function torchPeers({ ids }: Passage, layer: number, metric: Metric, truth: number) {
  const setup = `import torch, safetensors.torch
from torch.nn.functional import cross_entropy
w = safetensors.torch.load_file('${folder}/model.safetensors')
ids = torch.tensor(${JSON.stringify([...ids])})
layer, units, T, W = ${layer}, ${units}, ${tokens}, ${width}
lstms = []
for n in range(2):
  lstm = torch.nn.LSTM(W, W)
  lstm.load_state_dict({k[:-1] + '0': v for k, v in w.items() if k.startswith('rnn.') and k.endswith('l%d' % n) for k in [k[4:]]})
  lstms.append(lstm.eval())
def cells(n, inputs, mask):
  hidden, h, c = w['rnn.weight_hh_l%d' % n].t(), torch.zeros(mask.shape[0], W), torch.zeros(mask.shape[0], W)
  states = []
  for t in range(T):
    i, f, g, o = torch.addmm(inputs[t], h, hidden).chunk(4, 1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    h = o.sigmoid() * c.tanh() * mask
    states.append(h)
  return torch.stack(states)
def lower():
  x = w['encoder.weight'][ids][:, None]
  for n in range(layer): x = lstms[n](x)[0]
  n = str(layer)
  return x[:, 0] @ w['rnn.weight_ih_l' + n].t() + w['rnn.bias_ih_l' + n] + w['rnn.bias_hh_l' + n]
def measure(x, before):
  if '${metric}' == 'representation': return ((x - before).norm(dim=2) / before.norm(dim=2)).mean(0)
  y = ids[1:, None].expand(-1, x.shape[1])
  parts = [cross_entropy(torch.nn.functional.linear(a, w['decoder.weight'], w['decoder.bias']).flatten(0, 1), b.flatten(), reduction='none').view(b.shape) for a, b in zip(x[:-1].split(8), y.split(8))]
  return torch.cat(parts).mean(0)
def upper(x):
  for n in range(layer + 1, 2): x = lstms[n](x)[0]
  return x
def mask_of(j):
  mask = torch.ones(len(j), W)
  mask[torch.arange(len(j)), j] = 0
  return mask
with torch.inference_mode(): before = upper(cells(layer, lower(), torch.ones(1, W)))
def loop(count):
  with torch.inference_mode(): return [measure(upper(cells(layer, lower(), mask_of([j]))), before)[0] for j in range(count)]
def batch(count):
  with torch.inference_mode(): return measure(upper(cells(layer, lower(), mask_of(list(range(count))))), before)
assert abs(loop(1)[0] - ${truth}) < 1e-4 * ${truth} and abs(batch(2)[0] - ${truth}) < 1e-4 * ${truth}`;
  return {
    "torch, a pass a unit": { setup, run: "loop(units)" },
    "torch, a batch of copies from the layer's input products on": { setup, run: "batch(units)" },
  };
}
