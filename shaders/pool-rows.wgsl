// Groups of rows reduced to one row each: 0 first, 1 last, 2 mean, 3 max; an empty group gives zeros.
//
// Group g is the rows starts[g] … ends[g] − 1, or members[starts[g]] … members[ends[g] − 1]. Means are sums
// of float32 (a word's or a sentence's tokens). One invocation per element of the result.

struct Params {
  rows: u32,
  width: u32,
  source_rows: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  starts_offset: u32,
  ends_offset: u32,
  members_offset: u32,
  out_offset: u32,
  out_stride: u32,
}

override kind: u32 = 0;
override has_members: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> starts: array<u32>;
@group(0) @binding(2) var<storage, read> ends: array<u32>;
@group(0) @binding(3) var<storage, read> members: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

// include: shared/groups.wgsl

fn value_at(member: u32, c: u32) -> f32 {
  var row = member;
  if (has_members == 1u) {
    row = members[params.members_offset + member];
  }
  return x[params.x_offset + row * params.x_stride + c];
}

fn pooled(start: u32, end: u32, c: u32) -> f32 {
  if (start >= end) {
    return 0.0;
  }
  if (kind == 0u) {
    return value_at(start, c);
  }
  if (kind == 1u) {
    return value_at(end - 1u, c);
  }
  var result = value_at(start, c);
  for (var k = start + 1u; k < end; k++) {
    let value = value_at(k, c);
    result = select(result + value, max(result, value), kind == 3u);
  }
  return select(result / f32(end - start), result, kind == 3u);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = group_index(group, groups) * 256u + lane;
  if (element >= params.rows * params.width) {
    return;
  }
  let g = element / params.width;
  let c = element % params.width;
  let value = pooled(starts[params.starts_offset + g], ends[params.ends_offset + g], c);
  out[params.out_offset + g * params.out_stride + c] = value;
}
