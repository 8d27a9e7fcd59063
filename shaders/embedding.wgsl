// out[i, c] = scale · table[ids[i], c] + position_table[positions[i], c] + type_table[types[i], c]
//
// The host checks the ids; one that is past the end of its table adds nothing. One invocation per element.

struct Params {
  rows: u32,
  width: u32,
  vocabulary: u32,
  position_count: u32,
  type_count: u32,
  scale: f32,
  group_offset: u32,
  ids_offset: u32,
  table_offset: u32,
  table_stride: u32,
  positions_offset: u32,
  position_table_offset: u32,
  position_table_stride: u32,
  types_offset: u32,
  type_table_offset: u32,
  type_table_stride: u32,
  out_offset: u32,
  out_stride: u32,
}

override has_positions: u32 = 0;
override has_types: u32 = 0;

@group(0) @binding(0) var<storage, read> ids: array<u32>;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read> positions: array<u32>;
@group(0) @binding(3) var<storage, read> position_table: array<f32>;
@group(0) @binding(4) var<storage, read> types: array<u32>;
@group(0) @binding(5) var<storage, read> type_table: array<f32>;
@group(0) @binding(6) var<storage, read_write> out: array<f32>;
@group(0) @binding(7) var<uniform> params: Params;

// include: shared/groups.wgsl

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = group_index(group, groups) * 256u + lane;
  if (element >= params.rows * params.width) {
    return;
  }
  let i = element / params.width;
  let c = element % params.width;

  var sum = 0.0;
  let id = ids[params.ids_offset + i];
  if (id < params.vocabulary) {
    sum = params.scale * table[params.table_offset + id * params.table_stride + c];
  }
  if (has_positions == 1u) {
    let position = positions[params.positions_offset + i];
    if (position < params.position_count) {
      sum += position_table[params.position_table_offset + position * params.position_table_stride + c];
    }
  }
  if (has_types == 1u) {
    let kind = types[params.types_offset + i];
    if (kind < params.type_count) {
      sum += type_table[params.type_table_offset + kind * params.type_table_stride + c];
    }
  }
  out[params.out_offset + i * params.out_stride + c] = sum;
}
