// Average precision of every sorted column for every concept, of the values and of their negatives.
//
//   AP = Σ_k (R_k − R_{k−1}) P_k over the distinct values, largest first; equal values form one threshold
//   out[column, concept] = positives · AP(a) and positives · AP(−a), each as a pair of float32 whose sum it is
//
// Bit b of labels[w, row] says that the row has concept 32w + b. A workgroup scans one column for 32 concepts, 256
// ranks at a time: the labels of 32 ranks × 32 concepts are turned round in workgroup memory, so that an invocation
// holds one concept's bits of 32 ranks and needs popcounts only. WGSL has no float64: sums are pairs of float32.

struct Params {
  rows: u32,
  columns: u32,
  concepts: u32,
  group_offset: u32,
  sorted_offset: u32,
  sorted_stride: u32,
  labels_offset: u32,
  labels_stride: u32,
  positives_offset: u32,
  out_offset: u32,
  out_stride: u32,
}

@group(0) @binding(0) var<storage, read> sorted: array<u32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> positives: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

// include: shared/groups.wgsl

var<workgroup> words: array<u32, 256>; // labels of 32 concepts, one word per rank
var<workgroup> ends: array<atomic<u32>, 8>; // bit r of word w: the threshold ends at rank 32w + r of these 256
var<workgroup> held: array<u32, 256>; // one concept's bits of 32 ranks: [8 chunks × 32 concepts]
var<workgroup> parts: array<vec4f, 256>;

// What one invocation knows of its concept when a chunk of 32 ranks begins.
struct State {
  seen: u32, // positives at the ranks before
  settled: u32, // positives at the thresholds that have ended
  settled_rank: u32, // ranks of the thresholds that have ended
  forward: vec2f,
  backward: vec2f,
}

// sum + value, where sum is a pair (Knuth's exact sum of two).
fn add_to(sum: vec2f, value: f32) -> vec2f {
  let total = sum.x + value;
  let part = total - sum.x;
  return vec2f(total, sum.y + ((sum.x - (total - part)) + (value - part)));
}

// The bits 0 … last of a word.
fn up_to(last: u32) -> u32 {
  return 0xffffffffu >> (31u - last);
}

// Settles the threshold that ends at bit `last` of the chunk that starts at rank `start`.
fn settle(state: ptr<function, State>, bits: u32, finished: u32, start: u32, last: u32, count: u32) {
  let seen = (*state).seen + countOneBits(bits & up_to(last));
  let tied = f32(seen - (*state).settled);
  // The threshold starts behind the end before it, which may lie in this chunk though no positive was there.
  let earlier = finished & (up_to(last) >> 1u);
  let first = select((*state).settled_rank, start + firstLeadingBit(earlier) + 1u, earlier != 0u);
  (*state).forward = add_to((*state).forward, tied * f32(seen) / f32(start + last + 1u));
  (*state).backward = add_to((*state).backward, tied * f32(count - (*state).settled) / f32(params.rows - first));
  (*state).settled = seen;
}

// Adds one concept's thresholds that end in a chunk.
fn scan_chunk(state: ptr<function, State>, bits: u32, finished: u32, start: u32, count: u32) {
  var open = finished;
  var rest = bits;
  if ((*state).seen > (*state).settled && open != 0u) {
    let last = countTrailingZeros(open);
    settle(state, bits, finished, start, last, count);
    rest &= ~up_to(last);
  }
  while (rest != 0u) {
    open = finished & ~((1u << countTrailingZeros(rest)) - 1u);
    if (open == 0u) {
      break;
    }
    let last = countTrailingZeros(open);
    settle(state, bits, finished, start, last, count);
    rest &= ~up_to(last);
  }
}

// Takes over what a chunk holds, without adding to the sums.
fn skip_chunk(state: ptr<function, State>, bits: u32, finished: u32, start: u32) {
  if (finished != 0u) {
    let last = firstLeadingBit(finished);
    (*state).settled = (*state).seen + countOneBits(bits & up_to(last));
    (*state).settled_rank = start + last + 1u;
  }
  (*state).seen += countOneBits(bits);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u, @builtin(local_invocation_index) t: u32) {
  let across = (params.concepts + 31u) / 32u;
  let group = group_index(id, all);
  let column = group / across;
  let word = group % across;
  if (column >= params.columns) {
    return;
  }
  let source = params.sorted_offset + column * params.sorted_stride;
  let which = word * 32u + t % 32u;
  let chunk = t / 32u;
  var count = 0u;
  if (which < params.concepts) {
    count = positives[params.positives_offset + which];
  }

  var state = State(0u, 0u, 0u, vec2f(), vec2f());
  for (var start = 0u; start < params.rows; start += 256u) {
    if (t < 8u) {
      atomicStore(&ends[t], 0u);
    }
    workgroupBarrier();
    let rank = start + t;
    words[t] = 0u;
    if (rank < params.rows) {
      words[t] = labels[params.labels_offset + word * params.labels_stride + sorted[source + 2u * rank]];
      if (rank + 1u == params.rows || sorted[source + 2u * rank + 1u] != sorted[source + 2u * rank + 3u]) {
        atomicOr(&ends[chunk], 1u << (t % 32u));
      }
    }
    workgroupBarrier();
    var bits = 0u;
    for (var r = 0u; r < 32u; r++) {
      bits |= ((words[chunk * 32u + r] >> (t % 32u)) & 1u) << r;
    }
    held[t] = bits;
    workgroupBarrier();
    for (var c = 0u; c < 8u; c++) {
      let finished = atomicLoad(&ends[c]);
      if (c == chunk) {
        scan_chunk(&state, bits, finished, start + 32u * c, count);
      }
      skip_chunk(&state, held[c * 32u + t % 32u], finished, start + 32u * c);
    }
    workgroupBarrier();
  }

  parts[t] = vec4f(state.forward, state.backward);
  workgroupBarrier();
  if (t < 32u && which < params.concepts) {
    var forward = vec2f();
    var backward = vec2f();
    for (var c = 0u; c < 8u; c++) {
      let part = parts[c * 32u + t];
      forward = add_to(forward, part.x);
      forward.y += part.y;
      backward = add_to(backward, part.z);
      backward.y += part.w;
    }
    let to = params.out_offset + column * params.out_stride + 4u * which;
    out[to] = forward.x;
    out[to + 1u] = forward.y;
    out[to + 2u] = backward.x;
    out[to + 3u] = backward.y;
  }
}
