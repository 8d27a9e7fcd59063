// What the norm of a weighted sum of rows has of each of them: shares[i, t] = before[i, t] / σ(x[i]), x[i] being the sum, and
// `before` its first `weights` weights; all others are 1. σ = √(variance + epsilon) where `centred` is 1, else √(mean square + epsilon).
// One workgroup per row.

struct Params {
  rows: u32,
  width: u32,
  terms: u32,
  weights: u32,
  epsilon: f32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  before_offset: u32,
  before_stride: u32,
  shares_offset: u32,
  shares_stride: u32,
}

override has_before: u32 = 0; // without it, no weights are given
override centred: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> before: array<f32>;
@group(0) @binding(2) var<storage, read_write> shares: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

const LANES = 64u;

// include: shared/groups.wgsl
// include: shared/reduce.wgsl
// include: shared/row-centre.wgsl

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_index(group, groups);
  if (row >= params.rows) {
    return;
  }
  let first = params.x_offset + row * params.x_stride;
  let mean = centre_of_row(lane, first);
  var part = 0.0;
  for (var c = lane; c < params.width; c += LANES) {
    let difference = x[first + c] - mean;
    part += difference * difference;
  }
  let scale = 1.0 / sqrt(sum_over_group(lane, part) / f32(params.width) + params.epsilon);
  for (var t = lane; t < params.terms; t += LANES) {
    var share = scale;
    if (has_before == 1u && t < params.weights) {
      share *= before[params.before_offset + row * params.before_stride + t];
    }
    shares[params.shares_offset + row * params.shares_stride + t] = share;
  }
}
