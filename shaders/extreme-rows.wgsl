// The rows on which every column is largest and smallest, of those seen so far. A column has 2 · count places, values in
// `extremes` and rows in `places`: the largest first, then the smallest, best first, ties to the lower row; a place that
// no row took holds −∞ or ∞ and 2^32 − 1. strange[c] = the least row that holds NaN or an infinity, and its bits.
//
// A workgroup takes 32 columns and 8 rows at a time: each invocation looks whether one number passes a bar of its column,
// the last value of a list; then one invocation a list puts what did in its place. Keys of shared/ordered-key.wgsl stand
// for values, those of the smallest turned round, so that the larger key is the better one.

struct Params {
  rows: u32,
  columns: u32,
  count: u32,
  first_row: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  extremes_offset: u32,
  extremes_stride: u32,
  places_offset: u32,
  places_stride: u32,
  strange_offset: u32,
  strange_stride: u32,
}

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> extremes: array<u32>;
@group(0) @binding(2) var<storage, read_write> places: array<u32>;
@group(0) @binding(3) var<storage, read_write> strange: array<u32>;
@group(0) @binding(4) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/ordered-key.wgsl

const part_rows = 8u;

var<workgroup> bits: array<u32, 256>;
var<workgroup> passes: array<u32, 256>; // 1: reaches the bar of the largest, 2: of the smallest, 4: is not finite
var<workgroup> bars: array<u32, 64>; // keys of the last places of 32 lists of the largest and 32 of the smallest
var<workgroup> any_passes: array<atomic<u32>, 2>; // of this step and the next

fn key_of(end: u32, value: u32) -> u32 {
  let key = ordered_key(value);
  return select(~key, key, end == 0u);
}

// Puts a row in its place of one list; ties go to the lower row.
fn offer(column: u32, end: u32, row: u32, value: u32) {
  let values = params.extremes_offset + column * params.extremes_stride + end * params.count;
  let rows = params.places_offset + column * params.places_stride + end * params.count;
  let key = key_of(end, value);
  var at = params.count;
  for (; at > 0u; at--) {
    let other = key_of(end, extremes[values + at - 1u]);
    if (other > key || (other == key && places[rows + at - 1u] < row)) {
      break;
    }
    if (at < params.count) {
      extremes[values + at] = extremes[values + at - 1u];
      places[rows + at] = places[rows + at - 1u];
    }
  }
  if (at < params.count) {
    extremes[values + at] = value;
    places[rows + at] = row;
  }
}

fn bar_of(column: u32, end: u32) -> u32 {
  return key_of(end, extremes[params.extremes_offset + column * params.extremes_stride + (end + 1u) * params.count - 1u]);
}

fn note_strange(column: u32, row: u32, value: u32) {
  let at = params.strange_offset + column * params.strange_stride;
  if (row < strange[at]) {
    strange[at] = row;
    strange[at + 1u] = value;
  }
}

// Which bars the number of this invocation reaches.
fn look(row: u32, column: u32, t: u32) -> u32 {
  if (row >= params.rows || column >= params.columns) {
    return 0u;
  }
  let value = x[params.x_offset + row * params.x_stride + column];
  bits[t] = select(value, 0u, value == 0x80000000u);
  if ((value & 0x7fffffffu) >= 0x7f800000u) {
    return 4u;
  }
  let key = ordered_key(value);
  return select(0u, 1u, key >= bars[t % 32u]) | select(0u, 2u, ~key >= bars[32u + t % 32u]);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u, @builtin(local_invocation_index) t: u32) {
  let left = group_index(id, all) * 32u;
  let column = left + t % 32u;
  let end = t / 32u; // of the list that this invocation keeps, where it is below 2
  let keeps = end < 2u && column < params.columns;
  if (keeps) {
    bars[t] = bar_of(column, end);
  }
  if (t < 2u) {
    atomicStore(&any_passes[t], 0u);
  }
  workgroupBarrier();
  for (var first = 0u; first < params.rows; first += part_rows) {
    let step = first / part_rows % 2u;
    let passed = look(first + t / 32u, column, t);
    passes[t] = passed;
    if (passed != 0u) {
      atomicOr(&any_passes[step], 1u);
    }
    workgroupBarrier();
    if (t == 0u) {
      atomicStore(&any_passes[1u - step], 0u);
    }
    if (keeps && atomicLoad(&any_passes[step]) != 0u) {
      for (var part = 0u; part < part_rows; part++) {
        let at = part * 32u + t % 32u;
        let row = params.first_row + first + part;
        if ((passes[at] & (1u << end)) != 0u) {
          offer(column, end, row, bits[at]);
        }
        if (end == 0u && passes[at] == 4u) {
          note_strange(column, row, bits[at]);
        }
      }
      bars[t] = bar_of(column, end);
    }
    workgroupBarrier();
  }
}
