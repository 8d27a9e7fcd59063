// Weighted sums of two rows each: out[i] = shares[i, 0]·x[index[i, 0]] + shares[i, 1]·x[index[i, 1]] + bias, and
// shares[i, 2]·rest[index[i, 0]] besides where there is such a matrix; rows past the end count as zeros. One invocation
// per element.

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
  rest_offset: u32,
  rest_stride: u32,
  bias_offset: u32,
  out_offset: u32,
  out_stride: u32,
}

override has_rest: u32 = 0;
override has_bias: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read> shares: array<f32>;
@group(0) @binding(3) var<storage, read> rest: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/mixed-row.wgsl

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = group_index(group, groups) * 256u + lane;
  if (element >= params.rows * params.width) {
    return;
  }
  let i = element / params.width;
  let c = element % params.width;
  var value = mixed(i, c);
  if (has_rest == 1u) {
    let row = index[params.index_offset + i * params.index_stride];
    if (row < params.source_rows) {
      value += shares[params.shares_offset + i * params.shares_stride + 2u] * rest[params.rest_offset + row * params.rest_stride + c];
    }
  }
  out[params.out_offset + i * params.out_stride + c] = value;
}
