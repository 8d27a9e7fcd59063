// out = the weight in the order in which products read it (native/kernels/pack.h): slabs of 384 values
// of k; in each, panels of 32 columns; in each, k-major rows of 32, padded with zeros. An invocation
// writes one value.

struct Params {
  inner: u32,
  columns: u32,
  group_offset: u32,
  weight_offset: u32,
  weight_stride: u32,
  out_offset: u32,
}

override weight_layout: u32 = 0; // weight is 0: [columns × inner], 1: [inner × columns]

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

// include: shared/groups.wgsl

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) count: vec3u, @builtin(local_invocation_index) t: u32) {
  let at = group_index(id, count) * 256u + t;
  let padded = (params.columns + 31u) / 32u * 32u;
  if (at >= padded * params.inner) {
    return;
  }
  let start = at / (384u * padded) * 384u;
  let depth = min(384u, params.inner - start);
  let within = at - start * padded;
  let column = within / (depth * 32u) * 32u + within % 32u;
  let k = start + within % (depth * 32u) / 32u;
  var value = 0.0;
  if (column < params.columns) {
    let index = select(k * params.weight_stride + column, column * params.weight_stride + k, weight_layout == 0u);
    value = weight[params.weight_offset + index];
  }
  out[params.out_offset + at] = value;
}
