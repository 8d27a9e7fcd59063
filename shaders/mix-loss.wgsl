// loss = ln Σ e^(x − max) + max − x[target] for rows of logits that are weighted sums of two rows each; best = the lowest
// column that holds the maximum. Both are 0 where the target is 2^32 − 1 (none). Nothing but these is stored.
//
// One workgroup per row; logits are made anew wherever they are read.

struct Params {
  rows: u32,
  width: u32,
  source_rows: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  index_offset: u32,
  index_stride: u32,
  shares_offset: u32,
  shares_stride: u32,
  bias_offset: u32,
  targets_offset: u32,
  loss_offset: u32,
  best_offset: u32,
}

override has_bias: u32 = 0;
override has_best: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read> shares: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> targets: array<u32>;
@group(0) @binding(5) var<storage, read_write> loss: array<f32>;
@group(0) @binding(6) var<storage, read_write> best: array<u32>;
@group(0) @binding(7) var<uniform> params: Params;

const LANES = 256u;

// include: shared/groups.wgsl
// include: shared/mixed-row.wgsl
// include: shared/reduce.wgsl

fn logit(row: u32, column: u32) -> f32 {
  return mixed(row, column);
}

// include: shared/row-loss.wgsl
