// Every column sorted by descending value, with the rows the values came from.
//
//   sorted[c, 2k] = the row with the k-th largest value of x[c, ·], sorted[c, 2k + 1] = its key;
//   equal values (−0 = +0 included) have equal keys and keep the order of their rows
//   nan[c] = the first row that holds NaN, 0xffffffff where there is none
//
// The key falls as the value grows. A workgroup sorts one column, of any length, in four stable passes of 8 bits
// between `sorted` and `spare`. It takes 256 pairs at a time: each digit keeps a set of the invocations that hold it,
// so that an invocation's place is the digit's base plus the members of its set before it.

struct Params {
  rows: u32,
  columns: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  sorted_offset: u32,
  sorted_stride: u32,
  spare_offset: u32,
  spare_stride: u32,
  nan_offset: u32,
}

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> sorted: array<u32>;
@group(0) @binding(2) var<storage, read_write> spare: array<u32>;
@group(0) @binding(3) var<storage, read_write> nan: array<u32>;
@group(0) @binding(4) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/ordered-key.wgsl

var<workgroup> first_nan: atomic<u32>;
var<workgroup> totals: array<atomic<u32>, 1024>; // how often each byte occurs, least byte first; then where its run starts
var<workgroup> members: array<atomic<u32>, 2048>; // for each byte, the set of invocations that hold it, 32 to a word
var<workgroup> sums: array<u32, 256>;

// Counts all four bytes of every key and finds the first NaN.
fn count_bytes(source: u32, t: u32) {
  for (var i = t; i < 1024u; i += 256u) {
    atomicStore(&totals[i], 0u);
  }
  for (var i = t; i < 2048u; i += 256u) {
    atomicStore(&members[i], 0u);
  }
  if (t == 0u) {
    atomicStore(&first_nan, 0xffffffffu);
  }
  workgroupBarrier();
  for (var row = t; row < params.rows; row += 256u) {
    let value = x[source + row];
    if (is_nan(value)) {
      atomicMin(&first_nan, row);
    }
    let key = ~ordered_key(value);
    for (var turn = 0u; turn < 4u; turn++) {
      atomicAdd(&totals[turn * 256u + ((key >> (8u * turn)) & 255u)], 1u);
    }
  }
  workgroupBarrier();
}

// Turns the counts of one pass into the places at which the runs of its bytes start.
fn start_runs(turn: u32, t: u32) {
  let own = atomicLoad(&totals[turn * 256u + t]);
  sums[t] = own;
  workgroupBarrier();
  for (var reach = 1u; reach < 256u; reach *= 2u) {
    var before = 0u;
    if (t >= reach) {
      before = sums[t - reach];
    }
    workgroupBarrier();
    sums[t] += before;
    workgroupBarrier();
  }
  atomicStore(&totals[turn * 256u + t], sums[t] - own);
  workgroupBarrier();
}

// The place of invocation t's pair, whose byte is `byte`; `here` is false behind the last row.
fn place_of(turn: u32, byte: u32, here: bool, t: u32) -> u32 {
  if (here) {
    atomicOr(&members[byte * 8u + t / 32u], 1u << (t % 32u));
  }
  workgroupBarrier();
  var place = 0u;
  if (here) {
    place = atomicLoad(&totals[turn * 256u + byte]);
    for (var w = 0u; w < t / 32u; w++) {
      place += countOneBits(atomicLoad(&members[byte * 8u + w]));
    }
    place += countOneBits(atomicLoad(&members[byte * 8u + t / 32u]) & ((1u << (t % 32u)) - 1u));
  }
  workgroupBarrier();
  if (here) {
    atomicAdd(&totals[turn * 256u + byte], 1u);
    atomicStore(&members[byte * 8u + t / 32u], 0u);
  }
  return place;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u, @builtin(local_invocation_index) t: u32) {
  let column = group_index(id, all);
  if (column >= params.columns) {
    return;
  }
  let source = params.x_offset + column * params.x_stride;
  let near = params.sorted_offset + column * params.sorted_stride;
  let far = params.spare_offset + column * params.spare_stride;
  count_bytes(source, t);
  if (t == 0u) {
    nan[params.nan_offset + column] = atomicLoad(&first_nan);
  }

  for (var turn = 0u; turn < 4u; turn++) {
    start_runs(turn, t);
    for (var start = 0u; start < params.rows; start += 256u) {
      let k = start + t;
      let here = k < params.rows;
      var row = k;
      var key = 0u;
      if (here && turn == 0u) {
        key = ~ordered_key(x[source + k]);
      } else if (here && turn % 2u == 1u) {
        row = spare[far + 2u * k];
        key = spare[far + 2u * k + 1u];
      } else if (here) {
        row = sorted[near + 2u * k];
        key = sorted[near + 2u * k + 1u];
      }
      let place = place_of(turn, (key >> (8u * turn)) & 255u, here, t);
      if (here && turn % 2u == 0u) {
        spare[far + 2u * place] = row;
        spare[far + 2u * place + 1u] = key;
      } else if (here) {
        sorted[near + 2u * place] = row;
        sorted[near + 2u * place + 1u] = key;
      }
      workgroupBarrier();
    }
    storageBarrier();
  }
}
