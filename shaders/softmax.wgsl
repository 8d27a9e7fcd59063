// out = e^(scale·x − max) / Σ e^(scale·x − max) for every row; in place where x is left out.
//
// One workgroup per row; an invocation keeps to its own columns, so that it may write where it reads.

struct Params {
  rows: u32,
  width: u32,
  scale: f32,
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

const LANES = 256u;

// include: shared/groups.wgsl
// include: shared/reduce.wgsl

fn input(row: u32, c: u32) -> f32 {
  if (has_x == 1u) {
    return params.scale * x[params.x_offset + row * params.x_stride + c];
  }
  return params.scale * out[params.out_offset + row * params.out_stride + c];
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_index(group, groups);
  if (row >= params.rows) {
    return;
  }
  var part = -3e38;
  for (var c = lane; c < params.width; c += LANES) {
    part = max(part, input(row, c));
  }
  let largest = largest_over_group(lane, part);

  let start = params.out_offset + row * params.out_stride;
  part = 0.0;
  for (var c = lane; c < params.width; c += LANES) {
    let value = exp(input(row, c) - largest);
    out[start + c] = value;
    part += value;
  }
  let inverse = 1.0 / sum_over_group(lane, part);
  for (var c = lane; c < params.width; c += LANES) {
    out[start + c] *= inverse;
  }
}
