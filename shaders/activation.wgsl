// out = f(x) · up, or f(x) without up; in place where x is left out.
//
// Kinds: 0 identity, 1 gelu, 2 gelu-tanh, 3 silu, 4 relu, 5 tanh, 6 sigmoid, 7 x·sigmoid(1.702 x), 8 relu². One invocation per element.

struct Params {
  rows: u32,
  width: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  up_offset: u32,
  up_stride: u32,
  out_offset: u32,
  out_stride: u32,
}

override kind: u32 = 0;
override has_x: u32 = 0;
override has_up: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> up: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/activation.wgsl
// include: shared/tanh.wgsl

fn function_of(value: f32) -> f32 {
  if (kind == 5u) {
    return hyperbolic_tangent(value);
  }
  if (kind == 6u) {
    return sigmoid(value);
  }
  if (kind == 7u) {
    return value * sigmoid(1.702 * value);
  }
  if (kind == 8u) {
    return max(value, 0.0) * max(value, 0.0);
  }
  return activate(kind, value);
}

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
    value = function_of(x[params.x_offset + i * params.x_stride + c]);
  } else {
    value = function_of(out[at]);
  }
  if (has_up == 1u) {
    value *= up[params.up_offset + i * params.up_stride + c];
  }
  out[at] = value;
}
