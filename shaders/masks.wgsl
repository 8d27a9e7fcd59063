// Bit masks of columns: bit first_row + r of row c of bits is set where x[r, c] > threshold[c].
//
// Strict: a value equal to the threshold stays off, as does NaN. Bits are added to what stands there, so that blocks
// of any length follow one another. nan[c] becomes the least row (first_row + r) that holds NaN, if it is less than
// what stands there. A workgroup makes 8 words of 32 columns: an invocation makes one word from 32 rows, neighbours
// read neighbouring columns, and the words pass through workgroup memory so that neighbours write neighbouring words.

struct Params {
  rows: u32,
  columns: u32,
  first_row: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  threshold_offset: u32,
  bits_offset: u32,
  bits_stride: u32,
  nan_offset: u32,
}

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> threshold: array<f32>;
@group(0) @binding(2) var<storage, read_write> bits: array<u32>;
@group(0) @binding(3) var<storage, read_write> nan: array<atomic<u32>>;
@group(0) @binding(4) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/ordered-key.wgsl

var<workgroup> made: array<u32, 256>;

// The bits of one word; its rows start before those of the block where first_row is no multiple of 32.
fn word_of(word: u32, column: u32) -> u32 {
  let limit = threshold[params.threshold_offset + column];
  let phase = params.first_row % 32u;
  let start = max(word * 32u, phase) - phase;
  let end = min(word * 32u + 32u - phase, params.rows);
  var result = 0u;
  for (var r = start; r < end; r++) {
    let value = x[params.x_offset + r * params.x_stride + column];
    if (is_nan(value)) {
      atomicMin(&nan[params.nan_offset + column], params.first_row + r);
    } else if (bitcast<f32>(value) > limit) {
      result |= 1u << ((r + phase) % 32u);
    }
  }
  return result;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u, @builtin(local_invocation_index) t: u32) {
  let words = (params.first_row % 32u + params.rows + 31u) / 32u;
  let across = (params.columns + 31u) / 32u;
  let group = group_index(id, all);
  let left = group % across * 32u;
  let top = group / across * 8u;

  if (left + t % 32u < params.columns && top + t / 32u < words) {
    made[t] = word_of(top + t / 32u, left + t % 32u);
  }
  workgroupBarrier();
  let column = left + t / 8u;
  let word = top + t % 8u;
  if (column < params.columns && word < words) {
    bits[params.bits_offset + column * params.bits_stride + params.first_row / 32u + word] |= made[t % 8u * 32u + t / 8u];
  }
}
