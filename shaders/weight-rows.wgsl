// What some inputs of a product write to its outputs: out[i, j] = b[index[i], j]; zeros where the input is past the
// end. One invocation per element.

struct Params {
  rows: u32,
  inner: u32,
  columns: u32,
  group_offset: u32,
  b_offset: u32,
  b_stride: u32,
  index_offset: u32,
  out_offset: u32,
  out_stride: u32,
}

override weight_layout: u32 = 0; // b is 0: [columns × inner], 1: [inner × columns], 2: packed (native/kernels/pack.h)

@group(0) @binding(0) var<storage, read> b: array<f32>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/weight.wgsl

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = group_index(group, groups) * 256u + lane;
  if (element >= params.rows * params.columns) {
    return;
  }
  let i = element / params.columns;
  let column = element % params.columns;
  let k = index[params.index_offset + i];
  var value = 0.0;
  if (k < params.inner) {
    value = weight(k, column);
  }
  out[params.out_offset + i * params.out_stride + column] = value;
}
