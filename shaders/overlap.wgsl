// How many bits two rows share, for every row of a and every row of b:
//
//   counts[i, j] = Σ_w popcount(a[i, w] & b[j, w])
//
// Exact below 2³² bits a row. A workgroup makes a tile of 64 × 64 counts, an invocation 4 × 4 of them. Both sides
// pass through workgroup memory word-major, 24 words at a time. Counting bits is slow on GPUs and logic is not, so
// three words at once go through a carry-save adder: popcount(x ^ y ^ z) + 2 popcount(majority(x, y, z)).

struct Params {
  rows_a: u32,
  rows_b: u32,
  words: u32,
  group_offset: u32,
  a_offset: u32,
  a_stride: u32,
  b_offset: u32,
  b_stride: u32,
  counts_offset: u32,
  counts_stride: u32,
}

@group(0) @binding(0) var<storage, read> a: array<u32>;
@group(0) @binding(1) var<storage, read> b: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>;
@group(0) @binding(3) var<uniform> params: Params;

// include: shared/groups.wgsl

// Four neighbouring rows to an element: 16 elements to a word, and one more against bank conflicts.
const depth = 24u;
const pitch = 17u;
var<workgroup> left: array<vec4u, 408>;
var<workgroup> right: array<vec4u, 408>;

fn pairs(x: vec4u, y: vec4u, z: vec4u, u: u32, v: u32, w: u32) -> vec4u {
  let p = x & vec4u(u);
  let q = y & vec4u(v);
  let r = z & vec4u(w);
  let half = p ^ q;
  return countOneBits(half ^ r) + (countOneBits((p & q) | (half & r)) << vec4u(1u));
}

fn word_a(row: u32, word: u32) -> u32 {
  if (row >= params.rows_a || word >= params.words) {
    return 0u;
  }
  return a[params.a_offset + row * params.a_stride + word];
}

fn word_b(row: u32, word: u32) -> u32 {
  if (row >= params.rows_b || word >= params.words) {
    return 0u;
  }
  return b[params.b_offset + row * params.b_stride + word];
}

fn fetch(start: u32, t: u32, top: u32, across: u32) {
  for (var i = t; i < 16u * depth; i += 256u) {
    let row = i / depth * 4u;
    let k = i % depth;
    let w = start + k;
    left[k * pitch + row / 4u] =
      vec4u(word_a(top + row, w), word_a(top + row + 1u, w), word_a(top + row + 2u, w), word_a(top + row + 3u, w));
    right[k * pitch + row / 4u] =
      vec4u(word_b(across + row, w), word_b(across + row + 1u, w), word_b(across + row + 2u, w), word_b(across + row + 3u, w));
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u, @builtin(local_invocation_index) t: u32) {
  let tiles = (params.rows_b + 63u) / 64u;
  let group = group_index(id, all);
  let top = group / tiles * 64u;
  let across = group % tiles * 64u;

  var sums: array<vec4u, 4>;
  for (var start = 0u; start < params.words; start += depth) {
    fetch(start, t, top, across);
    workgroupBarrier();
    for (var k = 0u; k < depth; k += 3u) {
      let x = left[k * pitch + t / 16u];
      let y = left[(k + 1u) * pitch + t / 16u];
      let z = left[(k + 2u) * pitch + t / 16u];
      let u = right[k * pitch + t % 16u];
      let v = right[(k + 1u) * pitch + t % 16u];
      let w = right[(k + 2u) * pitch + t % 16u];
      sums[0] += pairs(u, v, w, x[0], y[0], z[0]);
      sums[1] += pairs(u, v, w, x[1], y[1], z[1]);
      sums[2] += pairs(u, v, w, x[2], y[2], z[2]);
      sums[3] += pairs(u, v, w, x[3], y[3], z[3]);
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    let row = top + t / 16u * 4u + i;
    for (var j = 0u; j < 4u; j++) {
      let column = across + t % 16u * 4u + j;
      if (row < params.rows_a && column < params.rows_b) {
        counts[params.counts_offset + row * params.counts_stride + column] = sums[i][j];
      }
    }
  }
}
