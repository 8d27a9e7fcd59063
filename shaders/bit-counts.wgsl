// How many bits of every row are set: counts[i] = Σ_w popcount(bits[i, w]).
//
// A workgroup counts 8 rows; 32 invocations share a row, neighbours reading neighbouring words.

struct Params {
  rows: u32,
  words: u32,
  group_offset: u32,
  bits_offset: u32,
  bits_stride: u32,
  counts_offset: u32,
}

@group(0) @binding(0) var<storage, read> bits: array<u32>;
@group(0) @binding(1) var<storage, read_write> counts: array<u32>;
@group(0) @binding(2) var<uniform> params: Params;

// include: shared/groups.wgsl

var<workgroup> parts: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u, @builtin(local_invocation_index) t: u32) {
  let top = group_index(id, all) * 8u;
  let row = top + t / 32u;
  var part = 0u;
  if (row < params.rows) {
    for (var w = t % 32u; w < params.words; w += 32u) {
      part += countOneBits(bits[params.bits_offset + row * params.bits_stride + w]);
    }
  }
  parts[t] = part;
  workgroupBarrier();
  if (t < 8u && top + t < params.rows) {
    var sum = 0u;
    for (var i = 0u; i < 32u; i++) {
      sum += parts[t * 32u + i];
    }
    counts[params.counts_offset + top + t] = sum;
  }
}
