// out = x / sqrt(mean(x²) + epsilon) · weight for every one of `segments` pieces of every row of x, or of
// x + residual. A row of zeros stays zero. One workgroup per segment of a row.

struct Params {
  rows: u32,
  width: u32,
  segments: u32,
  epsilon: f32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  residual_offset: u32,
  residual_stride: u32,
  weight_offset: u32,
  sum_offset: u32,
  sum_stride: u32,
  out_offset: u32,
  out_stride: u32,
}

override has_residual: u32 = 0;
override has_sum: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> residual: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> sum: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

// Invocations of a workgroup: few, because most rows are narrow and a barrier costs by the invocation.
const LANES = 64u;

// include: shared/groups.wgsl
// include: shared/reduce.wgsl

fn input(row: u32, c: u32) -> f32 {
  let value = x[params.x_offset + row * params.x_stride + c];
  if (has_residual == 1u) {
    return value + residual[params.residual_offset + row * params.residual_stride + c];
  }
  return value;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = group_index(group, groups);
  if (index >= params.rows * params.segments) {
    return;
  }
  let row = index / params.segments;
  let first = index % params.segments * params.width;

  var part = 0.0;
  for (var c = lane; c < params.width; c += LANES) {
    let value = input(row, first + c);
    part += value * value;
  }
  let scale = 1.0 / sqrt(sum_over_group(lane, part) / f32(params.width) + params.epsilon);

  for (var c = lane; c < params.width; c += LANES) {
    let value = input(row, first + c);
    if (has_sum == 1u) {
      sum[params.sum_offset + row * params.sum_stride + first + c] = value;
    }
    out[params.out_offset + row * params.out_stride + first + c] = value * scale * weight[params.weight_offset + c];
  }
}
