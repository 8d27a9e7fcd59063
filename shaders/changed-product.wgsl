// The product of rows that differ in a few columns from rows whose product is known:
//
//   out[i, j] = known[r, j] + Σ_k (a[i, k] − before[r, k])·b[k, j],  r = index[i]
//
// over the k in which a[i] and before[r] differ by a bit, in order of k; zeros where r is past the end.
// shares[i] = (1, Σ_k (a[i, k] − before[r, k])).
// One workgroup per row: it marks what differs, 4,096 columns at a time, and each invocation then sums
// columns of its own.

struct Params {
  rows: u32,
  inner: u32,
  columns: u32,
  source_rows: u32,
  changed: u32,
  group_offset: u32,
  a_offset: u32,
  a_stride: u32,
  before_offset: u32,
  before_stride: u32,
  known_offset: u32,
  known_stride: u32,
  index_offset: u32,
  b_offset: u32,
  b_stride: u32,
  out_offset: u32,
  out_stride: u32,
  shares_offset: u32,
  shares_stride: u32,
}

override has_shares: u32 = 0;

override weight_layout: u32 = 0; // b is 0: [columns × inner], 1: [inner × columns], 2: packed (native/kernels/pack.h)

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> before: array<f32>;
@group(0) @binding(2) var<storage, read> known: array<f32>;
@group(0) @binding(3) var<storage, read> index: array<u32>;
@group(0) @binding(4) var<storage, read> b: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
@group(0) @binding(6) var<storage, read_write> shares: array<f32>;
@group(0) @binding(7) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/weight.wgsl

const LANES = 256u;
const MARKED = 4096u;
var<workgroup> marks: array<atomic<u32>, 128>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_index(group, groups);
  if (row >= params.rows) {
    return;
  }
  let r = index[params.index_offset + row];
  let there = r < params.source_rows;
  let left = params.a_offset + row * params.a_stride;
  let right = params.before_offset + select(0u, r, there) * params.before_stride;
  let to = params.out_offset + row * params.out_stride;
  for (var column = lane; column < params.columns; column += LANES) {
    var value = 0.0;
    if (there) {
      value = known[params.known_offset + r * params.known_stride + column];
    }
    out[to + column] = value;
  }
  var total = 0.0;
  for (var first = 0u; first < params.inner; first += MARKED) {
    if (lane < MARKED / 32u) {
      atomicStore(&marks[lane], 0u);
    }
    workgroupBarrier();
    let end = min(params.inner, first + MARKED);
    for (var k = first + lane; k < end; k += LANES) {
      if (there && bitcast<u32>(a[left + k]) != bitcast<u32>(before[right + k])) {
        atomicOr(&marks[(k - first) / 32u], 1u << ((k - first) % 32u));
      }
    }
    workgroupBarrier();
    for (var column = lane; column < params.columns; column += LANES) {
      var sum = out[to + column];
      for (var word = 0u; word * 32u < end - first; word++) {
        for (var bits = atomicLoad(&marks[word]); bits != 0u; bits &= bits - 1u) {
          let k = first + word * 32u + firstTrailingBit(bits);
          sum += (a[left + k] - before[right + k]) * weight(k, column);
        }
      }
      out[to + column] = sum;
    }
    if (has_shares == 1u && lane == 0u) {
      for (var word = 0u; word * 32u < end - first; word++) {
        for (var bits = atomicLoad(&marks[word]); bits != 0u; bits &= bits - 1u) {
          let k = first + word * 32u + firstTrailingBit(bits);
          total += a[left + k] - before[right + k];
        }
      }
    }
    workgroupBarrier();
  }
  if (has_shares == 1u && lane == 0u) {
    let place = params.shares_offset + row * params.shares_stride;
    shares[place] = 1.0;
    shares[place + 1u] = total;
  }
}
