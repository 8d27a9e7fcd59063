// KL(p ‖ q) in nats of every row, p = softmax(before), q = softmax(after), as Σ p·(d + e^−d − 1) with
// d = ln p − ln q: every term is ≥ 0, so that nothing cancels.
//
// Row i of `after` is compared with row index[i] of `before` (i without an index); 0 where index[i] is no
// row. One workgroup per row.

struct Params {
  rows: u32,
  width: u32,
  source_rows: u32,
  group_offset: u32,
  before_offset: u32,
  before_stride: u32,
  after_offset: u32,
  after_stride: u32,
  index_offset: u32,
  out_offset: u32,
}

override has_index: u32 = 0;

@group(0) @binding(0) var<storage, read> before: array<f32>;
@group(0) @binding(1) var<storage, read> after: array<f32>;
@group(0) @binding(2) var<storage, read> index: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

const LANES = 256u;

// include: shared/groups.wgsl
// include: shared/reduce.wgsl

// p·(d + e^−d − 1): by its series where it would cancel, and with p·e^−d as one exponential elsewhere.
fn term(x: f32, d: f32) -> f32 {
  let series = d * d * (0.5 - d * (0.166666667 - d * (0.0416666667 - d * (0.00833333333 - d * 0.00138888889))));
  return select(exp(x) * (d - 1.0) + exp(min(x - d, 80.0)), exp(x) * series, abs(d) < 0.3);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_index(group, groups);
  if (row >= params.rows) {
    return;
  }
  var other = row;
  if (has_index == 1u) {
    other = index[params.index_offset + row];
  }
  let known = other < params.source_rows;
  let left = params.before_offset + select(0u, other, known) * params.before_stride;
  let right = params.after_offset + row * params.after_stride;

  var most = vec2f(-3e38);
  for (var c = lane; c < params.width; c += LANES) {
    most = max(most, vec2f(before[left + c], after[right + c]));
  }
  let largest = vec2f(largest_over_group(lane, most.x), largest_over_group(lane, most.y));
  var part = vec2f(0.0);
  for (var c = lane; c < params.width; c += LANES) {
    part += exp(vec2f(before[left + c], after[right + c]) - largest);
  }
  let logs = log(vec2f(sum_over_group(lane, part.x), sum_over_group(lane, part.y)));

  var terms = 0.0;
  for (var c = lane; c < params.width; c += LANES) {
    let x = before[left + c] - largest.x - logs.x;
    let d = (before[left + c] - after[right + c]) - (largest.x - largest.y) - (logs.x - logs.y);
    terms += term(x, d);
  }
  let total = sum_over_group(lane, terms);
  if (lane == 0u) {
    out[params.out_offset + row] = select(0.0, total, known);
  }
}
