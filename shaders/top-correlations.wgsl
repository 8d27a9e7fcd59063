// For every column of x the `count` columns of y with the largest |r| (option signed: r), best first, ties to the lower
// column; r[i, j] = Σ_t z[t, i]·w[t, j], z = (x − centre)·scale and w likewise. Without y it is x, without the column
// itself. Places that no column takes hold 2^32 − 1 and 0.
//
// A workgroup keeps the lists of 128 columns of x, and looks at every splits-th tile of 128 columns of y: there is one
// list per split, which the host merges. Sums are f32 over 384 rows, and f32 between (see shared/tile.wgsl); then 32
// rows of the tile at a time pass through workgroup memory, and an invocation offers one of them to its list.

struct Params {
  rows: u32,
  columns: u32,
  others: u32,
  count: u32,
  splits: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  y_offset: u32,
  y_stride: u32,
  centre_offset: u32,
  scale_offset: u32,
  other_centre_offset: u32,
  other_scale_offset: u32,
  indices_offset: u32,
  values_offset: u32,
}

override symmetric: u32 = 0; // there is no y
override signed: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> centre: array<f32>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read> other_centre: array<f32>;
@group(0) @binding(5) var<storage, read> other_scale: array<f32>;
@group(0) @binding(6) var<storage, read_write> indices: array<u32>;
@group(0) @binding(7) var<storage, read_write> values: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

const nobody = 0xffffffffu;

// include: shared/groups.wgsl
// include: shared/tile.wgsl

fn read_x(column: u32, t: u32) -> f32 {
  if (column >= params.columns || t >= params.rows) {
    return 0.0;
  }
  let value = x[params.x_offset + t * params.x_stride + column];
  return (value - centre[params.centre_offset + column]) * scale[params.scale_offset + column];
}

fn read_y(column: u32, t: u32) -> f32 {
  if (symmetric == 1u) {
    return read_x(column, t);
  }
  if (column >= params.others || t >= params.rows) {
    return 0.0;
  }
  let value = y[params.y_offset + t * params.y_stride + column];
  return (value - other_centre[params.other_centre_offset + column]) * other_scale[params.other_scale_offset + column];
}

fn read_four_x(i: u32, t: u32) -> vec4f {
  return vec4f(read_x(i, t), read_x(i + 1u, t), read_x(i + 2u, t), read_x(i + 3u, t));
}

fn read_four_y(j: u32, t: u32) -> vec4f {
  return vec4f(read_y(j, t), read_y(j + 1u, t), read_y(j + 2u, t), read_y(j + 3u, t));
}

fn key(r: f32) -> f32 {
  return select(abs(r), r, signed == 1u);
}

// Whether place `at` of the list gives way to `column` with r.
fn gives_way(at: u32, column: u32, r: f32) -> bool {
  let own = indices[params.indices_offset + at];
  if (own == nobody) {
    return true;
  }
  let kept = key(values[params.values_offset + at]);
  return kept < key(r) || (kept == key(r) && own > column);
}

fn offer(list: u32, column: u32, r: f32) {
  let first = list * params.count;
  var at = params.count;
  while (at > 0u && gives_way(first + at - 1u, column, r)) {
    at--;
    if (at + 1u < params.count) {
      indices[params.indices_offset + first + at + 1u] = indices[params.indices_offset + first + at];
      values[params.values_offset + first + at + 1u] = values[params.values_offset + first + at];
    }
  }
  if (at < params.count) {
    indices[params.indices_offset + first + at] = column;
    values[params.values_offset + first + at] = r;
  }
}

// The whole tile's sums: totals of sums over 384 rows.
fn sum_tile(row: u32, column: u32, t: u32) -> Sums {
  var totals = Sums();
  var sums = Sums();
  let quad = t % 32u * 4u;
  for (var k = 0u; k < params.rows; k += 16u) {
    let near = k + t / 32u;
    let a0 = read_four_x(row + quad, near);
    let a1 = read_four_x(row + quad, near + 8u);
    let b0 = read_four_y(column + quad, near);
    let b1 = read_four_y(column + quad, near + 8u);
    workgroupBarrier();
    left[t / 32u * tile_step + t % 32u] = a0;
    left[(t / 32u + 8u) * tile_step + t % 32u] = a1;
    right[t / 32u * tile_step + t % 32u] = b0;
    right[(t / 32u + 8u) * tile_step + t % 32u] = b1;
    workgroupBarrier();
    add_tile(&sums, t);
    if (k % 384u == 368u || k + 16u >= params.rows) {
      for (var i = 0u; i < 8u; i++) {
        totals.near[i] += sums.near[i];
        totals.far[i] += sums.far[i];
      }
      sums = Sums();
    }
  }
  return totals;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) count: vec3u, @builtin(local_invocation_index) t: u32) {
  let group = group_index(id, count);
  let row = group / params.splits * 128u;
  let split = group % params.splits;
  if (row >= params.columns) {
    return;
  }
  if (t < 128u && row + t < params.columns) {
    let first = (split * params.columns + row + t) * params.count;
    for (var at = first; at < first + params.count; at++) {
      indices[params.indices_offset + at] = nobody;
      values[params.values_offset + at] = 0.0;
    }
  }
  storageBarrier();
  for (var column = split * 128u; column < params.others; column += params.splits * 128u) {
    var sums = sum_tile(row, column, t);
    for (var band = 0u; band < 4u; band++) {
      workgroupBarrier();
      stage_band(&sums, t, band, false);
      workgroupBarrier();
      let i = row + band * 32u + t;
      if (t < 32u && i < params.columns) {
        for (var j = 0u; j < 128u && column + j < params.others; j++) {
          if (symmetric == 0u || column + j != i) {
            offer(split * params.columns + i, column + j, clamp(staged(t * 32u + j / 4u)[j % 4u], -1.0, 1.0));
          }
        }
      }
    }
    storageBarrier();
    workgroupBarrier();
  }
}
