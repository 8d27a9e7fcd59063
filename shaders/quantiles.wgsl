// One step of an exact search for a quantile of every column, by radix: how often each byte follows a prefix.
//
//   counts[c, b] += number of rows r whose key(x[r, c]) starts with the `digit` highest bytes of prefix[c], then b
//
// key grows as the value does (−0 = +0). nan[c] becomes the least row (first_row + r) that holds NaN, if it is less
// than what stands there (only where digit = 0). A workgroup counts 16 columns of 1,024 rows in workgroup memory.

struct Params {
  rows: u32,
  columns: u32,
  first_row: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  prefix_offset: u32,
  counts_offset: u32,
  counts_stride: u32,
  nan_offset: u32,
}

override digit: u32 = 0;

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> prefix: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> nan: array<atomic<u32>>;
@group(0) @binding(4) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/ordered-key.wgsl

var<workgroup> bins: array<atomic<u32>, 4096>;

// Whether the bytes above `digit` are those of the prefix.
fn follows(key: u32, known: u32) -> bool {
  if (digit == 0u) {
    return true;
  }
  let shift = 32u - 8u * digit;
  return (key >> shift) == (known >> shift);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u, @builtin(local_invocation_index) t: u32) {
  let across = (params.columns + 15u) / 16u;
  let group = group_index(id, all);
  let column = group % across * 16u + t % 16u;
  let top = group / across * 1024u;
  let bottom = min(top + 1024u, params.rows);

  for (var i = t; i < 4096u; i += 256u) {
    atomicStore(&bins[i], 0u);
  }
  workgroupBarrier();
  if (column < params.columns) {
    let known = prefix[params.prefix_offset + column];
    for (var row = top + t / 16u; row < bottom; row += 16u) {
      let value = x[params.x_offset + row * params.x_stride + column];
      if (digit == 0u && is_nan(value)) {
        atomicMin(&nan[params.nan_offset + column], params.first_row + row);
      }
      let key = ordered_key(value);
      if (follows(key, known)) {
        atomicAdd(&bins[t % 16u * 256u + ((key >> (24u - 8u * digit)) & 255u)], 1u);
      }
    }
  }
  workgroupBarrier();
  for (var i = t; i < 4096u; i += 256u) {
    let counted = atomicLoad(&bins[i]);
    let to = group % across * 16u + i / 256u;
    if (counted != 0u && to < params.columns) {
      atomicAdd(&counts[params.counts_offset + to * params.counts_stride + i % 256u], counted);
    }
  }
}
