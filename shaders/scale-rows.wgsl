// Every row times a number of its own, and a bias: out[i] = scale[i, 0] · out[i] + bias, in place, and scale[i, 1] ·
// rest[index[i]] besides where there is such a matrix; rows past the end count as zeros. One invocation per element.

struct Params {
  rows: u32,
  width: u32,
  source_rows: u32,
  group_offset: u32,
  scale_offset: u32,
  scale_stride: u32,
  rest_offset: u32,
  rest_stride: u32,
  index_offset: u32,
  bias_offset: u32,
  out_offset: u32,
  out_stride: u32,
}

override has_rest: u32 = 0;
override has_bias: u32 = 0;

@group(0) @binding(0) var<storage, read> scale: array<f32>;
@group(0) @binding(1) var<storage, read> rest: array<f32>;
@group(0) @binding(2) var<storage, read> index: array<u32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

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
  let own = params.scale_offset + i * params.scale_stride;
  var value = scale[own] * out[at];
  if (has_rest == 1u) {
    let row = index[params.index_offset + i];
    if (row < params.source_rows) {
      value += scale[own + 1u] * rest[params.rest_offset + row * params.rest_stride + c];
    }
  }
  if (has_bias == 1u) {
    value += bias[params.bias_offset + c];
  }
  out[at] = value;
}
