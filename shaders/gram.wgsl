// Adds one block of rows to central sums of products:
//
//   sums[i, j] += Σ_t (x[t, i] − shift[i])·(y[t, j] − other_shift[j])
//   totals[i]  += (Σ_t d, Σ_t d²) of d = x[t, i] − shift[i]
//
// Without y it is x, and only j ≥ i is complete. Each number is a pair (high, low) of f32 in u32: sums
// are f32 over chains of `chain` rows (a multiple of 16) and pairs between chains. A workgroup makes a tile of 128 × 128 (see
// shared/tile.wgsl); the last workgroups make the totals, a column per invocation.

struct Params {
  rows: u32,
  columns: u32,
  others: u32,
  chain: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  y_offset: u32,
  y_stride: u32,
  shift_offset: u32,
  other_shift_offset: u32,
  sums_offset: u32,
  sums_stride: u32,
  totals_offset: u32,
  other_totals_offset: u32,
}

override symmetric: u32 = 0; // there is no y

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> shift: array<f32>;
@group(0) @binding(3) var<storage, read> other_shift: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<u32>;
@group(0) @binding(5) var<storage, read_write> totals: array<u32>;
@group(0) @binding(6) var<storage, read_write> other_totals: array<u32>;
@group(0) @binding(7) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/tile.wgsl
// include: shared/pairs.wgsl

fn read_x(column: u32, t: u32) -> f32 {
  if (column >= params.columns || t >= params.rows) {
    return 0.0;
  }
  return x[params.x_offset + t * params.x_stride + column] - shift[params.shift_offset + column];
}

fn read_y(column: u32, t: u32) -> f32 {
  if (symmetric == 1u) {
    return read_x(column, t);
  }
  if (column >= params.others || t >= params.rows) {
    return 0.0;
  }
  return y[params.y_offset + t * params.y_stride + column] - other_shift[params.other_shift_offset + column];
}

// Four columns of one row of each side, twice: the second time 8 rows further.
fn fetch(row: u32, column: u32, k: u32, t: u32) -> array<vec4f, 4> {
  let i = row + t % 32u * 4u;
  let j = column + t % 32u * 4u;
  let near = k + t / 32u;
  let far = near + 8u;
  return array(
    vec4f(read_x(i, near), read_x(i + 1u, near), read_x(i + 2u, near), read_x(i + 3u, near)),
    vec4f(read_x(i, far), read_x(i + 1u, far), read_x(i + 2u, far), read_x(i + 3u, far)),
    vec4f(read_y(j, near), read_y(j + 1u, near), read_y(j + 2u, near), read_y(j + 3u, near)),
    vec4f(read_y(j, far), read_y(j + 1u, far), read_y(j + 2u, far), read_y(j + 3u, far)),
  );
}

// Adds a chain's tile to the sums, 32 rows of it at a time through workgroup memory.
fn flush(tile: ptr<function, Sums>, row: u32, column: u32, t: u32) {
  for (var band = 0u; band < 4u && row + band * 32u < params.columns; band++) {
    workgroupBarrier();
    stage_band(tile, t, band, false);
    workgroupBarrier();
    for (var at = t; at < 1024u; at += 256u) {
      let i = row + band * 32u + at / 32u;
      let j = column + at % 32u * 4u;
      let four = staged(at);
      for (var q = 0u; i < params.columns && q < 4u && j + q < params.others; q++) {
        let to = params.sums_offset + i * params.sums_stride + (j + q) * 2u;
        let sum = add_to_pair(vec2f(bitcast<f32>(sums[to]), bitcast<f32>(sums[to + 1u])), four[q]);
        sums[to] = bitcast<u32>(sum.x);
        sums[to + 1u] = bitcast<u32>(sum.y);
      }
    }
  }
}

// Totals of one column over all rows, in pairs all the way.
fn total_x(column: u32) {
  if (column >= params.columns) {
    return;
  }
  let at = params.totals_offset + column * 4u;
  var sum = vec2f(bitcast<f32>(totals[at]), bitcast<f32>(totals[at + 1u]));
  var squares = vec2f(bitcast<f32>(totals[at + 2u]), bitcast<f32>(totals[at + 3u]));
  for (var t = 0u; t < params.rows; t++) {
    let d = read_x(column, t);
    sum = add_to_pair(sum, d);
    squares = add_to_pair(squares, d * d);
  }
  totals[at] = bitcast<u32>(sum.x);
  totals[at + 1u] = bitcast<u32>(sum.y);
  totals[at + 2u] = bitcast<u32>(squares.x);
  totals[at + 3u] = bitcast<u32>(squares.y);
}

fn total_y(column: u32) {
  if (symmetric == 1u || column >= params.others) {
    return;
  }
  let at = params.other_totals_offset + column * 4u;
  var sum = vec2f(bitcast<f32>(other_totals[at]), bitcast<f32>(other_totals[at + 1u]));
  var squares = vec2f(bitcast<f32>(other_totals[at + 2u]), bitcast<f32>(other_totals[at + 3u]));
  for (var t = 0u; t < params.rows; t++) {
    let d = read_y(column, t);
    sum = add_to_pair(sum, d);
    squares = add_to_pair(squares, d * d);
  }
  other_totals[at] = bitcast<u32>(sum.x);
  other_totals[at + 1u] = bitcast<u32>(sum.y);
  other_totals[at + 2u] = bitcast<u32>(squares.x);
  other_totals[at + 3u] = bitcast<u32>(squares.y);
}

// Tiles across, and tiles in all: without y only those on and above the diagonal.
fn tile_counts() -> vec2u {
  let across = (params.others + 127u) / 128u;
  let down = (params.columns + 127u) / 128u;
  return vec2u(across, select(across * down, across * (across + 1u) / 2u, symmetric == 1u));
}

fn tile_of(group: u32, across: u32) -> vec2u {
  if (symmetric == 0u) {
    return vec2u(group / across, group % across);
  }
  var row = 0u;
  var rest = group;
  for (; rest >= across - row; row++) {
    rest -= across - row;
  }
  return vec2u(row, row + rest);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) count: vec3u, @builtin(local_invocation_index) t: u32) {
  let group = group_index(id, count);
  let tiles = tile_counts();
  if (group >= tiles.y) {
    let first = (group - tiles.y) * 256u;
    let x_groups = (params.columns + 255u) / 256u * 256u;
    if (first < x_groups) {
      total_x(first + t);
    } else {
      total_y(first - x_groups + t);
    }
    return;
  }
  let place = tile_of(group, tiles.x) * 128u;
  let row = place.x;
  let column = place.y;
  var tile = Sums();
  for (var k = 0u;; k += 16u) {
    var fetched = array<vec4f, 4>();
    if (k < params.rows) {
      fetched = fetch(row, column, k, t);
    }
    if (k > 0u) {
      add_tile(&tile, t);
    }
    if (k > 0u && (k % max(params.chain / 16u * 16u, 16u) == 0u || k >= params.rows)) {
      flush(&tile, row, column, t);
      tile = Sums();
    }
    workgroupBarrier();
    if (k >= params.rows) {
      break;
    }
    left[t / 32u * tile_step + t % 32u] = fetched[0];
    left[(t / 32u + 8u) * tile_step + t % 32u] = fetched[1];
    right[t / 32u * tile_step + t % 32u] = fetched[2];
    right[(t / 32u + 8u) * tile_step + t % 32u] = fetched[3];
    workgroupBarrier();
  }
}
