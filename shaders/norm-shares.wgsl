// The norm of a sum as a sum of norms: with u = basis[index[i, 0]], w = basis[index[i, 1]] and x[i] = u + difference[i]·w,
//
//   norm(x[i]) = shares[i, 0]·norm(u) + shares[i, 1]·norm(w),  shares[i] = (σ(u)/σ(x), difference[i]·σ(w)/σ(x))
//
// σ = √(variance + epsilon) where `centred` is 1, else √(mean square + epsilon); zeros where a row is past the end.
// One workgroup per row.

struct Params {
  rows: u32,
  width: u32,
  source_rows: u32,
  epsilon: f32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  basis_offset: u32,
  basis_stride: u32,
  index_offset: u32,
  index_stride: u32,
  difference_offset: u32,
  shares_offset: u32,
  shares_stride: u32,
}

override centred: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> basis: array<f32>;
@group(0) @binding(2) var<storage, read> index: array<u32>;
@group(0) @binding(3) var<storage, read> difference: array<f32>;
@group(0) @binding(4) var<storage, read_write> shares: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

const LANES = 64u;

// include: shared/groups.wgsl
// include: shared/reduce.wgsl

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_index(group, groups);
  if (row >= params.rows) {
    return;
  }
  let places = params.index_offset + row * params.index_stride;
  let one = index[places];
  let two = index[places + 1u];
  let there = one < params.source_rows && two < params.source_rows;
  let u = params.basis_offset + select(0u, one, there) * params.basis_stride;
  let w = params.basis_offset + select(0u, two, there) * params.basis_stride;
  let sum = params.x_offset + row * params.x_stride;

  var means = vec3f(0.0);
  if (centred == 1u) {
    var parts = vec3f(0.0);
    for (var c = lane; c < params.width; c += LANES) {
      parts += vec3f(x[sum + c], basis[u + c], basis[w + c]);
    }
    means = vec3f(sum_over_group(lane, parts.x), sum_over_group(lane, parts.y), sum_over_group(lane, parts.z)) / f32(params.width);
  }
  var squares = vec3f(0.0);
  for (var c = lane; c < params.width; c += LANES) {
    let differences = vec3f(x[sum + c], basis[u + c], basis[w + c]) - means;
    squares += differences * differences;
  }
  let totals = vec3f(sum_over_group(lane, squares.x), sum_over_group(lane, squares.y), sum_over_group(lane, squares.z));
  let spreads = sqrt(totals / f32(params.width) + params.epsilon);
  if (lane == 0u) {
    let to = params.shares_offset + row * params.shares_stride;
    shares[to] = select(0.0, spreads.y / spreads.x, there);
    shares[to + 1u] = select(0.0, difference[params.difference_offset + row] * spreads.z / spreads.x, there);
  }
}
