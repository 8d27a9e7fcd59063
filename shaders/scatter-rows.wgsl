// out[index[i]] = x[i]; nothing is written where index[i] is 2^32 − 1 or past the end. One invocation per element.

struct Params {
  rows: u32,
  width: u32,
  target_rows: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  index_offset: u32,
  out_offset: u32,
  out_stride: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> index: array<u32>;
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
  let row = index[params.index_offset + i];
  if (row < params.target_rows) {
    out[params.out_offset + row * params.out_stride + c] = x[params.x_offset + i * params.x_stride + c];
  }
}
