// loss = ln Σ e^(x − max) + max − x[target] for every row of logits; best = the lowest column that holds
// the maximum. Both are 0 where the target is 2^32 − 1 (none). Nothing but these is stored.
//
// One workgroup per row.

struct Params {
  rows: u32,
  width: u32,
  group_offset: u32,
  logits_offset: u32,
  logits_stride: u32,
  targets_offset: u32,
  loss_offset: u32,
  best_offset: u32,
}

override has_best: u32 = 0;

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<storage, read_write> best: array<u32>;
@group(0) @binding(4) var<uniform> params: Params;

const LANES = 256u;

// include: shared/groups.wgsl
// include: shared/reduce.wgsl

fn logit(row: u32, column: u32) -> f32 {
  return logits[params.logits_offset + row * params.logits_stride + column];
}

// include: shared/row-loss.wgsl
