// Every row times a number of its own, and a bias: out[i] = scale[i] · out[i] + bias, in place. One invocation per element.

struct Params {
  rows: u32,
  width: u32,
  group_offset: u32,
  scale_offset: u32,
  bias_offset: u32,
  out_offset: u32,
  out_stride: u32,
}

override has_bias: u32 = 0;

@group(0) @binding(0) var<storage, read> scale: array<f32>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

// include: shared/groups.wgsl

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = group_index(group, groups) * 256u + lane;
  if (element >= params.rows * params.width) {
    return;
  }
  let i = element / params.width;
  let c = element % params.width;
  let at = params.out_offset + i * params.out_stride + c;
  var value = scale[params.scale_offset + i] * out[at];
  if (has_bias == 1u) {
    value += bias[params.bias_offset + c];
  }
  out[at] = value;
}
