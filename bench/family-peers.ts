import type { PythonPeer } from "./python.js";

/** A sweep over neurons of one layer's MLP, each set to zero, as the peers are told of it. */
export interface FamilySweep {
  /** The model's, in the Hugging Face layout. */
  readonly folder: string;
  readonly family: "bert" | "llama";
  readonly layer: number;
  /** The first so many neurons; times are of all of them. */
  readonly neurons: number;
  /** Texts of one length. */
  readonly ids: readonly Uint32Array[];
  /** What is measured; losses of a causal model, or how far the last layer's rows move. */
  readonly metric: "loss everywhere" | "loss at the last position" | "representation";
  /** The metric of the first neuron. */
  readonly truth: number;
}

/** Tokens of a batch of copies. */
const batchTokens = 4096;

/**
 * What people do today: a pass with a hook for each neuron, and batches of copies that begin at the changed layer. The loop
 * is timed over fewer neurons, as each takes as long as the next.
 */
export function familyPeers(sweep: FamilySweep): Record<string, PythonPeer> {
  const hooks = byHooks(sweep);
  const tokens = sweep.ids.reduce((sum, { length }) => sum + length, 0);
  const passes = Math.min(sweep.neurons, Math.max(4, Math.min(32, Math.floor(2048 / tokens))));
  return {
    "transformers, a hook a neuron": {
      setup: `${hooks}\ncheck(hooks(1))`,
      run: `hooks(${passes})`,
      part: passes / sweep.neurons,
    },
    "torch, a batch of copies by hand": { setup: `${hooks}${byHand}\ncheck(suffix(1))`, run: "suffix(neurons)" },
  };
}

/**
 * The model, the texts, and what differs between families: `layers`, `down`, the last map of the layer's MLP, and
 * `before`, which keeps the residual stream beside it, `written`, what the layer makes of their sum, and `onward`, which
 * takes rows through the layers behind it.
 */
function shared({ folder, family, layer, neurons, ids, metric, truth }: FamilySweep): string {
  return `import torch, transformers
from torch.nn.functional import cross_entropy
neurons, layer = ${neurons}, ${layer}
ids = torch.tensor(${JSON.stringify(ids.map((own) => [...own]))})
copies = max(1, ${batchTokens} // ids.numel())
first = lambda given: given[0] if isinstance(given, tuple) else given
${families[family](folder)}
${metric === "representation" ? distances : losses(metric)}
def check(got):
  assert abs(got[0] - ${truth}) < 1e-4 * ${truth}, (got[0], ${truth})
`;
}

const families = {
  bert: (folder: string) => `m = transformers.AutoModel.from_pretrained('${folder}', dtype=torch.float32).eval()
layers = m.encoder.layer
down = layers[layer].output.dense
whole = lambda: m(ids)[0]
def written(x): return layers[layer].output.LayerNorm(x)
before = lambda keep: layers[layer].output.register_forward_pre_hook(lambda module, given: keep(before=given[1]))
def onward(x):
  for i in range(layer + 1, len(layers)): x = first(layers[i](x))
  return x`,
  llama: (
    folder: string,
  ) => `m = transformers.AutoModelForCausalLM.from_pretrained('${folder}', dtype=torch.float32).eval()
layers = m.model.layers
down = layers[layer].mlp.down_proj
whole = lambda: m.model(ids)[0]
def written(x): return x
before = lambda keep: layers[layer].post_attention_layernorm.register_forward_pre_hook(lambda module, given: keep(before=given[0]))
places = m.model.rotary_emb(m.model.embed_tokens(ids[:1]), torch.arange(ids.shape[1])[None])
def onward(x):
  for i in range(layer + 1, len(layers)): x = first(layers[i](x, position_embeddings=places))
  return m.model.norm(x)`,
} as const;

const distances = `with torch.inference_mode(): untouched = whole()
def measure(x):
  x = x.view(-1, *untouched.shape)
  return list(((x - untouched).norm(dim=-1) / untouched.norm(dim=-1)).flatten(1).mean(1))`;

/** The mean loss of each copy. */
function losses(metric: FamilySweep["metric"]): string {
  const last = metric === "loss at the last position";
  return `gold = ${last ? "ids[:, -1:]" : "ids[:, 1:]"}
def measure(x):
  logits = m.lm_head(x[:, ${last ? "-2:-1" : ":-1"}])
  count = len(logits) // len(ids)
  all = cross_entropy(logits.flatten(0, 1), gold.repeat(count, 1).flatten(), reduction='none')
  return list(all.view(count, -1).mean(1))`;
}

function byHooks(sweep: FamilySweep): string {
  return `${shared(sweep)}
class Zero:
  def __init__(self, j): self.j = j
  def __call__(self, module, given): h = given[0].clone(); h[..., self.j] = 0; return (h,)
def hooks(count):
  values = []
  with torch.inference_mode():
    for j in range(count):
      hook = down.register_forward_pre_hook(Zero(j))
      values += measure(whole())
      hook.remove()
  return values
`;
}

/** The layer's MLP is changed by what the neuron writes; the layers behind it read copies side by side. */
const byHand = `
def suffix(count):
  kept, values = {}, []
  handles = [down.register_forward_hook(lambda module, given, out: kept.update(h=given[0], out=out)), before(kept.update)]
  with torch.inference_mode():
    whole()
    for handle in handles: handle.remove()
    for start in range(0, count, copies):
      j = torch.arange(start, min(start + copies, count))
      x = (kept['out'] + kept['before']) - kept['h'][..., j].permute(2, 0, 1)[..., None] * down.weight[:, j].T[:, None, None]
      values += measure(onward(written(x.flatten(0, 1))))
  return values
`;
