// out = cap · tanh(x / cap), which stays between −cap and cap; in place where x is left out. One invocation
// per element.

struct Params {
  rows: u32,
  width: u32,
  cap: f32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  out_offset: u32,
  out_stride: u32,
}

override has_x: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/tanh.wgsl

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = group_index(group, groups) * 256u + lane;
  if (element >= params.rows * params.width) {
    return;
  }
  let i = element / params.width;
  let c = element % params.width;
  let at = params.out_offset + i * params.out_stride + c;
  var value: f32;
  if (has_x == 1u) {
    value = x[params.x_offset + i * params.x_stride + c];
  } else {
    value = out[at];
  }
  out[at] = params.cap * hyperbolic_tangent(value / params.cap);
}
