import type { Value } from "../device/plan.js";
import type { Activation } from "./activation.js";
import { type Norm, recordGated, recordHidden, recordNorm, recordProjection, recordSum } from "./layers.js";
import { type Linear, recordLinear } from "./linear.js";
import type { Recording } from "./recording.js";
import { recordAttention, type SelfAttention } from "./self-attention.js";

/** A feed-forward block. */
export interface Mlp {
  /** Where the block is gated, the projections of gate and up side by side. */
  readonly up: Linear;
  readonly down: Linear;
  readonly activation: Activation;
  readonly kind: "plain" | "gated";
}

/** One layer of a decoder: attention and feed-forward block, and how norms and sums stand between them. */
export type DecoderLayer = {
  readonly attention: SelfAttention;
  readonly out: Linear;
  readonly mlp: Mlp;
  /** Of what attention reads; in post-norm layers, of the sum after it. */
  readonly attentionNorm: Norm;
} & (
  | {
      /** pre-norm: y = x + attention(norm x), y + mlp(norm y); post-norm: y = norm(x + attention(x)), norm(y + mlp(y)). */
      readonly order: "pre-norm" | "post-norm";
      readonly mlpNorm: Norm;
    }
  | {
      /** x + attention(norm x) + mlp(norm x). */
      readonly order: "parallel";
      /** null: the feed-forward block reads what attention reads. */
      readonly mlpNorm: Norm | null;
    }
  | {
      /** y = x + norm(attention(norm x)), y + norm(mlp(norm y)). */
      readonly order: "both-norms";
      readonly attentionPostNorm: Norm;
      readonly mlpNorm: Norm;
      readonly mlpPostNorm: Norm;
    }
);

/** Records layer `n` and its sites. @returns its output, the site `residual` */
export function recordDecoderLayer(run: Recording, n: number, x: Value, layer: DecoderLayer): Value {
  const at = `layers.${n}`;
  const out = recordBlocks(run, at, x, layer);
  run.site(`${at}.residual`, out);
  return out;
}

function recordBlocks(run: Recording, at: string, x: Value, layer: DecoderLayer): Value {
  switch (layer.order) {
    case "pre-norm": {
      const middle = recordAttended(run, at, recordNorm(run, x, layer.attentionNorm), layer, x);
      return recordFed(run, at, recordNorm(run, middle, layer.mlpNorm), layer, middle);
    }
    case "parallel": {
      const normed = recordNorm(run, x, layer.attentionNorm);
      const middle = recordAttended(run, at, normed, layer, x);
      return recordFed(run, at, layer.mlpNorm ? recordNorm(run, x, layer.mlpNorm) : normed, layer, middle);
    }
    case "post-norm": {
      const middle = recordNorm(run, recordAttended(run, at, x, layer, x), layer.attentionNorm);
      return recordNorm(run, recordFed(run, at, middle, layer, middle), layer.mlpNorm);
    }
    case "both-norms": {
      const attended = recordAttended(run, at, recordNorm(run, x, layer.attentionNorm), layer);
      const middle = recordSum(run, x, recordNorm(run, attended, layer.attentionPostNorm));
      const fed = recordFed(run, at, recordNorm(run, middle, layer.mlpNorm), layer);
      return recordSum(run, middle, recordNorm(run, fed, layer.mlpPostNorm));
    }
    default:
      return layer satisfies never;
  }
}

/** Attention with its output projection, and its sum with the residual stream where that follows at once. */
function recordAttended(
  run: Recording,
  at: string,
  x: Value,
  { attention, out }: DecoderLayer,
  residual?: Value,
): Value {
  return recordOutput(run, `${at}.attention.out`, recordAttention(run, at, x, attention), out, residual);
}

function recordFed(run: Recording, at: string, x: Value, { mlp }: DecoderLayer, residual?: Value): Value {
  const record = mlp.kind === "gated" ? recordGated : recordHidden;
  return recordOutput(run, `${at}.mlp.out`, record(run, at, x, mlp.up, mlp.activation), mlp.down, residual);
}

function recordOutput(run: Recording, site: string, x: Value, linear: Linear, residual?: Value): Value {
  if (residual) return recordProjection(run, site, x, linear, residual);
  const out = recordLinear(run, x, linear);
  run.site(site, out);
  return out;
}
