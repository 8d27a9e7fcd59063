// ‖after − before‖ / ‖before‖ of every row: 0 where nothing moved, the largest float32 where only `before` is
// zero, NaN where either is no number.
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

  var part = vec2f(0.0);
  for (var c = lane; c < params.width; c += LANES) {
    let value = before[left + c];
    let difference = after[right + c] - value;
    part += vec2f(difference * difference, value * value);
  }
  let moved = sum_over_group(lane, part.x);
  let length = sum_over_group(lane, part.y);
  if (lane != 0u) {
    return;
  }
  var share = 0.0;
  if (known && moved != 0.0) {
    share = 3.4028234e38;
    if (length != 0.0) {
      share = sqrt(moved / length);
    }
  }
  let exponents = vec2u(bitcast<u32>(moved), bitcast<u32>(length)) & vec2u(0x7f800000u);
  if (known && any(exponents == vec2u(0x7f800000u))) {
    share = bitcast<f32>(0x7fc00000u + lane); // lane 0: NaN, which comparisons above may take for anything
  }
  out[params.out_offset + row] = share;
}
