// Pearson's r of every pair of columns, of sums of products around any shift:
//
//   r[i, j] = (sums[i, j] − sum[i]·mean[j])·scale[i]·scale[j], cut to [−1, 1]
//
// `moments` has three rows: Σ d, its mean, and 1/√Σ(d − mean)² or 0 where a column is constant. Without others sums are
// read where j ≥ i, r is mirrored, and r[i, i] is 1, or 0 where constant. Numbers but r are pairs (high, low) of f32 in
// u32. A workgroup makes 16 × 16 values, and writes their mirror image in rows too.

struct Params {
  columns: u32,
  others: u32,
  group_offset: u32,
  sums_offset: u32,
  sums_stride: u32,
  moments_offset: u32,
  moments_stride: u32,
  other_moments_offset: u32,
  other_moments_stride: u32,
  r_offset: u32,
  r_stride: u32,
}

override symmetric: u32 = 0; // there are no others

@group(0) @binding(0) var<storage, read> sums: array<u32>;
@group(0) @binding(1) var<storage, read> moments: array<u32>;
@group(0) @binding(2) var<storage, read> other_moments: array<u32>;
@group(0) @binding(3) var<storage, read_write> r: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/pairs.wgsl

var<workgroup> values: array<f32, 272>; // 16 rows of 17

fn moment(row: u32, column: u32) -> vec2f {
  let at = params.moments_offset + row * params.moments_stride + column * 2u;
  return vec2f(bitcast<f32>(moments[at]), bitcast<f32>(moments[at + 1u]));
}

fn other_moment(row: u32, column: u32) -> vec2f {
  if (symmetric == 1u) {
    return moment(row, column);
  }
  let at = params.other_moments_offset + row * params.other_moments_stride + column * 2u;
  return vec2f(bitcast<f32>(other_moments[at]), bitcast<f32>(other_moments[at + 1u]));
}

fn correlate(i: u32, j: u32) -> f32 {
  let scale = moment(2u, i);
  if (symmetric == 1u && i == j) {
    return select(0.0, 1.0, scale.x > 0.0);
  }
  let at = params.sums_offset + i * params.sums_stride + j * 2u;
  let part = multiply_pairs(moment(0u, i), other_moment(1u, j));
  let sum = add_to_pair(vec2f(bitcast<f32>(sums[at]), bitcast<f32>(sums[at + 1u])), -part.x);
  let scaled = multiply_pairs(multiply_pairs(add_to_pair(sum, -part.y), scale), other_moment(2u, j));
  return clamp(scaled.x + scaled.y, -1.0, 1.0);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) count: vec3u, @builtin(local_invocation_index) t: u32) {
  let group = group_index(id, count);
  let across = (params.others + 15u) / 16u;
  let top = group / across * 16u;
  let first = group % across * 16u;
  let i = top + t / 16u;
  let j = first + t % 16u;
  if (i < params.columns && j < params.others && (symmetric == 0u || j >= i)) {
    let value = correlate(i, j);
    r[params.r_offset + i * params.r_stride + j] = value;
    values[t / 16u * 17u + t % 16u] = value;
  }
  workgroupBarrier();
  let row = first + t / 16u;
  let column = top + t % 16u;
  if (symmetric == 1u && row < params.others && column < row) {
    r[params.r_offset + row * params.r_stride + column] = values[t % 16u * 17u + t / 16u];
  }
}
