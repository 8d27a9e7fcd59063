// Weighted sums of two rows each: out[i] = shares[i, 0]·x[index[i, 0]] + shares[i, 1]·x[index[i, 1]] + bias; rows past the
// end count as zeros. One invocation per element.

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
  out_offset: u32,
  out_stride: u32,
}

override has_bias: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read> shares: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

// include: shared/groups.wgsl

fn part(i: u32, term: u32, c: u32) -> f32 {
  let row = index[params.index_offset + i * params.index_stride + term];
  if (row >= params.source_rows) {
    return 0.0;
  }
  return shares[params.shares_offset + i * params.shares_stride + term] * x[params.x_offset + row * params.x_stride + c];
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = group_index(group, groups) * 256u + lane;
  if (element >= params.rows * params.width) {
    return;
  }
  let i = element / params.width;
  let c = element % params.width;
  var value = 0.0;
  if (has_bias == 1u) {
    value = bias[params.bias_offset + c];
  }
  out[params.out_offset + i * params.out_stride + c] = value + part(i, 0u, c) + part(i, 1u, c);
}
