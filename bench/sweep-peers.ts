import type { PythonPeer } from "./python.js";

/** A sweep over neurons of one layer's MLP, each set to zero, as the peers are told of it. */
export interface PeerSweep {
  /** The model's, in the Hugging Face layout: a GPT-2. */
  readonly folder: string;
  readonly layer: number;
  /** The first so many neurons; times are of all of them. */
  readonly neurons: number;
  /** Texts of one length. */
  readonly ids: readonly Uint32Array[];
  /** Whether the loss is of the last position alone, instead of all. */
  readonly last: boolean;
}

/** Tokens of a batch of copies. */
const batchTokens = 4096;

/** Texts beyond which TransformerLens is left out: it takes minutes there, and its ratio to the loop of hooks is known. */
const mostTexts = 8;

/**
 * What people do today: a pass with a hook for each neuron, and batches of copies that begin at the changed layer. They are
 * timed over fewer neurons, as each takes as long as the next: some passes, or a whole batch of copies, for which the pass
 * of the untouched texts is not counted.
 */
export function sweepPeers(sweep: PeerSweep): Record<string, PythonPeer> {
  const { ids, neurons } = sweep;
  const tokens = ids.reduce((sum, { length }) => sum + length, 0);
  const some = (count: number) => Math.min(neurons, count);
  const [passes, copies] = [some(Math.max(4, Math.min(32, Math.floor(2048 / tokens)))), some(copiesOf(tokens))];
  const timed = (setup: string, run: string, count: number) => ({ setup, run: `${run}(${count})`, part: count / neurons }); // biome-ignore format: one line
  const torch = {
    "transformers, a hook a neuron": timed(byHooks(sweep), "hooks", passes),
    "torch, a batch of copies by hand": timed(byHand(sweep), "suffix", copies),
  };
  if (ids.length > mostTexts) return torch;
  return {
    ...torch,
    "TransformerLens, run_with_hooks": timed(byLens(sweep), "lens", passes),
    "TransformerLens, a batch of copies from start_at_layer": timed(byLens(sweep), "lens_suffix", copies),
  };
}

/** Copies of all texts in a batch. */
function copiesOf(tokens: number): number {
  return Math.max(1, Math.floor(batchTokens / tokens));
}

/** The model, the texts, and the mean loss of each copy from its logits. */
function shared({ folder, ids, last }: PeerSweep): string {
  return `import torch, transformers
from torch.nn.functional import cross_entropy
m = transformers.AutoModelForCausalLM.from_pretrained('${folder}', dtype=torch.float32).eval()
t, last = m.transformer, ${last ? "True" : "False"}
ids = torch.tensor(${JSON.stringify(ids.map((own) => [...own]))})
copies = max(1, ${batchTokens} // ids.numel())
read = slice(-2, -1) if last else slice(0, -1)
gold = ids[:, -1:] if last else ids[:, 1:]
def loss(logits):
  count = len(logits) // len(ids)
  all = cross_entropy(logits.flatten(0, 1), gold.repeat(count, 1).flatten(), reduction='none')
  return list(all.view(count, -1).mean(1))
def check(ours):
  assert max(abs(a - b) for a, b in zip(hooks(2), ours)) < 1e-3
`;
}

function byHooks(sweep: PeerSweep): string {
  return `${shared(sweep)}
class Zero:
  def __init__(self, j): self.j = j
  def __call__(self, module, given): h = given[0].clone(); h[..., self.j] = 0; return (h,)
def hooks(count):
  losses = []
  with torch.inference_mode():
    for j in range(count):
      hook = t.h[${sweep.layer}].mlp.c_proj.register_forward_pre_hook(Zero(j))
      losses += loss(m.lm_head(t(ids)[0][:, read]))
      hook.remove()
  return losses
`;
}

function byHand(sweep: PeerSweep): string {
  const { layer } = sweep;
  return `${byHooks(sweep)}
first = lambda given: given[0] if isinstance(given, tuple) else given
kept = {}
hook = t.h[${layer}].mlp.c_proj.register_forward_pre_hook(lambda module, given: kept.update(h=given[0]))
after = t.h[${layer}].register_forward_hook(lambda module, given, out: kept.update(x=first(out)))
with torch.inference_mode(): t(ids)
hook.remove(); after.remove()
def suffix(count):
  losses = []
  with torch.inference_mode():
    for start in range(0, count, copies):
      j = torch.arange(start, min(start + copies, count))
      x = kept['x'] - kept['h'][..., j].permute(2, 0, 1)[..., None] * t.h[${layer}].mlp.c_proj.weight[j][:, None, None]
      x = x.flatten(0, 1)
      for i in range(${layer + 1}, ${"len(t.h)"}): x = first(t.h[i](x))
      losses += loss(m.lm_head(t.ln_f(x[:, read])))
  return losses
check(suffix(2))`;
}

/** A HookedTransformer of the same weights, unfolded: TransformerLens 3, the last that has it. */
function byLens(sweep: PeerSweep): string {
  const { layer } = sweep;
  return `${byHooks(sweep)}
import os, warnings
os.environ['HF_HUB_OFFLINE'] = '1'
warnings.simplefilter('ignore')
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions import convert_gpt2_weights
c = m.config
c = HookedTransformerConfig(n_layers=c.n_layer, d_model=c.n_embd, d_head=c.n_embd // c.n_head, n_heads=c.n_head, d_mlp=4 * c.n_embd,
  d_vocab=c.vocab_size, n_ctx=c.n_positions, act_fn='gelu_new', normalization_type='LN', eps=c.layer_norm_epsilon)
l = HookedTransformer(c, move_to_device=False).eval()
l.load_state_dict(convert_gpt2_weights(m, c), strict=False)
name = 'blocks.${layer}.mlp.hook_post'
def lens(count):
  losses = []
  with torch.inference_mode():
    for j in range(count):
      def zero(h, hook): h[..., j] = 0; return h
      losses += loss(l.run_with_hooks(ids, fwd_hooks=[(name, zero)])[:, read])
  return losses
with torch.inference_mode():
  _, cache = l.run_with_cache(ids, names_filter='blocks.${layer}.hook_resid_pre', stop_at_layer=${layer + 1})
  x = cache['blocks.${layer}.hook_resid_pre']
def lens_suffix(count):
  losses = []
  with torch.inference_mode():
    for start in range(0, count, copies):
      j = torch.arange(start, min(start + copies, count)).repeat_interleave(len(ids))
      def zero(h, hook): h.scatter_(2, j[:, None, None].expand(-1, h.shape[1], 1), 0); return h
      some = x.repeat(len(j) // len(ids), 1, 1)
      losses += loss(l.run_with_hooks(some, start_at_layer=${layer}, fwd_hooks=[(name, zero)])[:, read])
  return losses
check(lens(2))
check(lens_suffix(2))`;
}
