// What is linear in the norm of each row: (x − mean) · weight where `centred` is 1, else x · weight. One workgroup per row.

struct Params {
  rows: u32,
  width: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  weight_offset: u32,
  out_offset: u32,
  out_stride: u32,
}

override centred: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
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
  for (var c = lane; c < params.width; c += LANES) {
    out[params.out_offset + row * params.out_stride + c] = (x[first + c] - mean) * weight[params.weight_offset + c];
  }
}
