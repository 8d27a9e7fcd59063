// (a, b) becomes (a·cos − b·sin, b·cos + a·sin) for the pairs (c, c + rotated/2) of the first `rotated`
// columns of every head, or (2c, 2c + 1) where interleaved; in place where x is left out.
//
// Row p of table: rotated/2 cosines of position p, then its sines. One invocation per pair, and where x is
// given one per column behind `rotated`, which is copied.

struct Params {
  rows: u32,
  heads: u32,
  head_width: u32,
  rotated: u32,
  position_count: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  positions_offset: u32,
  table_offset: u32,
  table_stride: u32,
  out_offset: u32,
  out_stride: u32,
}

override interleaved: u32 = 0;
override has_x: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> positions: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

// include: shared/groups.wgsl

fn input(row: u32, c: u32) -> f32 {
  if (has_x == 1u) {
    return x[params.x_offset + row * params.x_stride + c];
  }
  return out[params.out_offset + row * params.out_stride + c];
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let half = params.rotated / 2u;
  let jobs = params.head_width - half;
  let job = group_index(group, groups) * 256u + lane;
  if (job >= params.rows * params.heads * jobs) {
    return;
  }
  let row = job / (params.heads * jobs);
  let first = job / jobs % params.heads * params.head_width;
  let c = job % jobs;
  let start = params.out_offset + row * params.out_stride;
  if (c >= half) {
    let column = first + half + c;
    out[start + column] = input(row, column);
    return;
  }
  let left = first + select(c, 2u * c, interleaved == 1u);
  let right = select(left + half, left + 1u, interleaved == 1u);
  let angles = params.table_offset + min(positions[params.positions_offset + row], params.position_count - 1u) * params.table_stride;
  let a = input(row, left);
  let b = input(row, right);
  out[start + left] = a * table[angles + c] - b * table[angles + half + c];
  out[start + right] = b * table[angles + c] + a * table[angles + half + c];
}
