// out = (x − mean) / sqrt(variance + epsilon) · weight + bias for every row of x, or of x + residual.
//
// A constant row gives bias. Two passes, the mean first, then the squares of the differences, each summed
// as a tree. One workgroup per row.

struct Params {
  rows: u32,
  width: u32,
  epsilon: f32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  residual_offset: u32,
  residual_stride: u32,
  weight_offset: u32,
  bias_offset: u32,
  sum_offset: u32,
  sum_stride: u32,
  out_offset: u32,
  out_stride: u32,
}

override has_residual: u32 = 0;
override has_bias: u32 = 0;
override has_sum: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> residual: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> sum: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

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
  let row = group_index(group, groups);
  if (row >= params.rows) {
    return;
  }
  var part = 0.0;
  for (var c = lane; c < params.width; c += LANES) {
    part += input(row, c);
  }
  let mean = sum_over_group(lane, part) / f32(params.width);

  part = 0.0;
  for (var c = lane; c < params.width; c += LANES) {
    let difference = input(row, c) - mean;
    part += difference * difference;
  }
  let scale = 1.0 / sqrt(sum_over_group(lane, part) / f32(params.width) + params.epsilon);

  for (var c = lane; c < params.width; c += LANES) {
    let value = input(row, c);
    if (has_sum == 1u) {
      sum[params.sum_offset + row * params.sum_stride + c] = value;
    }
    var result = (value - mean) * scale * weight[params.weight_offset + c];
    if (has_bias == 1u) {
      result += bias[params.bias_offset + c];
    }
    out[params.out_offset + row * params.out_stride + c] = result;
  }
}
