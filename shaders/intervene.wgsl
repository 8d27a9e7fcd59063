// The intervention table: changes of parts of a rows × columns matrix, in place and in the table's order.
//
// An entry is eight words: first row, end row, first column, end column, operation, amount a (float32 bits),
// and where its vector v starts in `values`, with v's step from one row to the next.
//   0 set: x = a    1 scale: x = a·x    2 add: x = x + a
//   3 replace: x = v    4 accumulate: x = x + a·v    5 project: x = x + a·(x·v)·v
// With 256 added to the operation the columns are columns[first column … end column − 1].
// One workgroup per row; it reads the whole table.

struct Params {
  rows: u32,
  width: u32,
  count: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  entries_offset: u32,
  columns_offset: u32,
  values_offset: u32,
}

override has_columns: u32 = 0;
override has_values: u32 = 0;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read> entries: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> values: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

// Invocations of a workgroup: few, because most rows are narrow and a barrier costs by the invocation.
const LANES = 64u;

// include: shared/groups.wgsl
// include: shared/reduce.wgsl

const LISTED = 256u;

// Where the k-th column of an entry lies in `x`; past the row it means nothing, and 2^32 − 1 says so.
fn place_of(row: u32, column: u32, operation: u32) -> u32 {
  var c = column;
  if (has_columns == 1u && (operation & LISTED) != 0u) {
    c = columns[params.columns_offset + column];
  }
  return select(0xffffffffu, params.x_offset + row * params.x_stride + c, c < params.width);
}

fn changed(operation: u32, value: f32, amount: f32, v: f32, dot: f32) -> f32 {
  switch (operation & 255u) {
    case 0u: { return amount; }
    case 1u: { return amount * value; }
    case 2u: { return value + amount; }
    case 3u: { return v; }
    case 4u: { return value + amount * v; }
    default: { return value + amount * dot * v; }
  }
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_index(group, groups);
  if (row >= params.rows) {
    return;
  }
  for (var e = 0u; e < params.count; e++) {
    let entry = params.entries_offset + e * 8u;
    let first_row = entries[entry];
    if (row < first_row || row >= entries[entry + 1u]) {
      continue;
    }
    let first = entries[entry + 2u];
    let end = entries[entry + 3u];
    let operation = entries[entry + 4u];
    let amount = bitcast<f32>(entries[entry + 5u]);
    let vector = params.values_offset + entries[entry + 6u] + (row - first_row) * entries[entry + 7u];

    var dot = 0.0;
    if ((operation & 255u) == 5u) {
      var part = 0.0;
      for (var c = first + lane; c < end; c += LANES) {
        let place = place_of(row, c, operation);
        if (place != 0xffffffffu && has_values == 1u) {
          part += x[place] * values[vector + c - first];
        }
      }
      dot = sum_over_group(lane, part);
    }
    for (var c = first + lane; c < end; c += LANES) {
      let place = place_of(row, c, operation);
      var v = 0.0;
      if (has_values == 1u && (operation & 255u) > 2u) {
        v = values[vector + c - first];
      }
      if (place != 0xffffffffu) {
        x[place] = changed(operation, x[place], amount, v, dot);
      }
    }
    storageBarrier();
  }
}
