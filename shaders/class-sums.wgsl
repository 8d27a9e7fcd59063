// Column sums of the rows of every class, added to what stands there:
//
//   sums[class, c] + rests[class, c] += x[row, c]   for every member (row, class)
//
// What a float32 addition loses is exact (Knuth's two-sum) and goes into the rest: a sum is good to about 2^-45.
// An invocation owns one column and takes all members in their order; neighbours read neighbouring columns.

struct Params {
  columns: u32,
  entries: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  members_offset: u32,
  members_stride: u32,
  sums_offset: u32,
  sums_stride: u32,
  rests_offset: u32,
  rests_stride: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> members: array<u32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
@group(0) @binding(3) var<storage, read_write> rests: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

// include: shared/groups.wgsl

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u, @builtin(local_invocation_index) t: u32) {
  let column = group_index(id, all) * 64u + t;
  if (column >= params.columns) {
    return;
  }
  for (var entry = 0u; entry < params.entries; entry++) {
    let member = params.members_offset + entry * params.members_stride;
    let value = x[params.x_offset + members[member] * params.x_stride + column];
    let sum = params.sums_offset + members[member + 1u] * params.sums_stride + column;
    let rest = params.rests_offset + members[member + 1u] * params.rests_stride + column;
    let before = sums[sum];
    let after = before + value;
    let added = after - before;
    sums[sum] = after;
    rests[rest] += (before - (after - added)) + (value - added);
  }
}
