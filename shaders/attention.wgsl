// Scaled dot-product attention of packed sequences, fused; native/kernels/attention.cpp says what the
// operands and parameters mean.
//
// A workgroup takes 16 queries of one sequence and head, and 32 keys at a time: it sums their scores,
// rescales what it has by the new maximum (online softmax) and adds their values. Invocation t belongs to
// query t / 16. Keys and values pass through workgroup memory 32 columns at a time. Where the weights are
// wanted, scores are stored first, and the invocation that stored them normalises them at the end.
// Queries of up to 256 columns stay in workgroup memory. Of a wider head a workgroup gives 256 columns of the
// output, and loads the queries again for every 32 keys; the weights are those of the first one.

struct Params {
  sequences: u32,
  longest: u32,
  heads: u32,
  key_heads: u32,
  head_width: u32,
  span: u32,
  window: u32,
  reach: u32,
  scale: f32,
  cap: f32,
  group_offset: u32,
  query_offset: u32,
  query_stride: u32,
  key_offset: u32,
  key_stride: u32,
  value_offset: u32,
  value_stride: u32,
  offsets_offset: u32,
  ranges_offset: u32,
  bias_offset: u32,
  bias_stride: u32,
  out_offset: u32,
  out_stride: u32,
  weights_offset: u32,
  weights_stride: u32,
}

override causal: u32 = 0;
override has_ranges: u32 = 0;
override has_bias: u32 = 0;
override has_weights: u32 = 0;

@group(0) @binding(0) var<storage, read> query: array<f32>;
@group(0) @binding(1) var<storage, read> key: array<f32>;
@group(0) @binding(2) var<storage, read> value: array<f32>;
@group(0) @binding(3) var<storage, read> offsets: array<u32>;
@group(0) @binding(4) var<storage, read> ranges: array<u32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read_write> out: array<f32>;
@group(0) @binding(7) var<storage, read_write> weights: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/keys.wgsl
// include: shared/tanh.wgsl

const QUERIES = 16u;
const KEYS = 32u;
const CHUNK = 32u;
const SPAN = 256u;
const MASKED = -3e38;

var<workgroup> queries: array<f32, 4096>; // 16 × 256
var<workgroup> tile: array<f32, 1056>; // 32 keys × 32 columns, rows of 33
var<workgroup> scores: array<f32, 528>; // 16 queries × 32 keys, rows of 33

// Columns start … start + 255 of the queries of a head.
fn load_queries(token: u32, count: u32, head: u32, start: u32, lane: u32) {
  let first = params.query_offset + (token + lane / 16u) * params.query_stride + head * params.head_width;
  for (var c = start + lane % 16u; c < min(start + SPAN, params.head_width); c += 16u) {
    var loaded = 0.0;
    if (lane / 16u < count) {
      loaded = params.scale * query[first + c];
    }
    queries[lane / 16u * SPAN + c - start] = loaded;
  }
}

// Keys first … first + 31, columns start … start + 31 of a head; zeros past the last key or column.
fn load_tile(keys: Keys, first: u32, end: u32, column: u32, start: u32, lane: u32, values: bool) {
  for (var i = lane; i < KEYS * CHUNK; i += 256u) {
    let k = first + i / CHUNK;
    let c = start + i % CHUNK;
    var loaded = 0.0;
    if (k < end && c < params.head_width) {
      let row = key_row(keys, k);
      if (values) {
        loaded = value[params.value_offset + row * params.value_stride + column + c];
      } else {
        loaded = key[params.key_offset + row * params.key_stride + column + c];
      }
    }
    tile[i / CHUNK * 33u + i % CHUNK] = loaded;
  }
}

// Cap, bias and mask of the score of a key for the query at `position`.
fn adjusted(score: f32, head: u32, position: i32, k: u32, end: u32) -> f32 {
  let ahead = i32(k) - position;
  if (k >= end || (causal == 1u && ahead > 0) || (params.window > 0u && ahead + i32(params.window) <= 0)) {
    return MASKED;
  }
  var result = score;
  if (params.cap > 0.0) {
    result = params.cap * hyperbolic_tangent(score / params.cap);
  }
  if (has_bias == 1u) {
    let reach = i32(params.reach);
    result += bias[params.bias_offset + head * params.bias_stride + u32(clamp(-ahead, -reach, reach) + reach)];
  }
  return result;
}

fn weight_of(score: f32, largest: f32) -> f32 {
  return select(exp(score - largest), 0.0, score <= -1e38);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = group_index(group, groups);
  let blocks = (params.longest + QUERIES - 1u) / QUERIES;
  let spans = max(1u, (params.head_width + SPAN - 1u) / SPAN);
  let first_column = index % spans * SPAN;
  let head = index / spans % params.heads;
  let sequence = index / spans / params.heads / blocks;
  if (sequence >= params.sequences) {
    return;
  }
  let block = index / spans / params.heads % blocks * QUERIES;
  let first_token = offsets[params.offsets_offset + sequence];
  let total_queries = offsets[params.offsets_offset + sequence + 1u] - first_token;
  if (block >= total_queries) {
    return;
  }
  let count = min(QUERIES, total_queries - block);
  let keys = keys_of(sequence);
  let shift = i32(keys.count) - i32(total_queries);
  let token = first_token + block;
  let key_column = head * params.key_heads / params.heads * params.head_width;
  var high = keys.count;
  if (causal == 1u) {
    high = u32(clamp(i32(block + count) + shift, 0, i32(keys.count)));
  }
  var low = 0u;
  if (params.window > 0u) {
    low = u32(clamp(i32(block) + shift - i32(params.window) + 1, 0, i32(high)));
  }

  let row = lane / 16u;
  let column = lane % 16u;
  let position = i32(block + row) + shift;
  let weight_row = params.weights_offset + (token + row) * params.weights_stride + head * params.span;
  let stores = has_weights == 1u && row < count && first_column == 0u;

  load_queries(token, count, head, 0u, lane);
  var largest = MASKED;
  var total = 0.0;
  var mixed: array<f32, 16>;
  for (var first = low; first < high; first += KEYS) {
    var pair = vec2f(0.0);
    for (var start = 0u; start < params.head_width; start += CHUNK) {
      workgroupBarrier();
      if (spans > 1u && start % SPAN == 0u) {
        load_queries(token, count, head, start, lane);
      }
      load_tile(keys, first, high, key_column, start, lane, false);
      workgroupBarrier();
      let length = min(CHUNK, params.head_width - start);
      for (var c = 0u; c < length; c++) {
        pair += queries[row * SPAN + start % SPAN + c] * vec2f(tile[column * 33u + c], tile[(column + 16u) * 33u + c]);
      }
    }
    pair.x = adjusted(pair.x, head, position, first + column, high);
    pair.y = adjusted(pair.y, head, position, first + column + 16u, high);
    scores[row * 33u + column] = pair.x;
    scores[row * 33u + column + 16u] = pair.y;
    if (stores && first + column < high) {
      weights[weight_row + first + column] = pair.x;
    }
    if (stores && first + column + 16u < high) {
      weights[weight_row + first + column + 16u] = pair.y;
    }
    workgroupBarrier();

    var most = largest;
    for (var k = 0u; k < KEYS; k++) {
      most = max(most, scores[row * 33u + k]);
    }
    let kept = weight_of(largest, most);
    largest = most;
    workgroupBarrier();
    scores[row * 33u + column] = weight_of(pair.x, most);
    scores[row * 33u + column + 16u] = weight_of(pair.y, most);
    workgroupBarrier();
    var sum = 0.0;
    for (var k = 0u; k < KEYS; k++) {
      sum += scores[row * 33u + k];
    }
    total = total * kept + sum;

    for (var chunk = 0u; chunk < 8u; chunk++) {
      if (first_column + chunk * CHUNK >= params.head_width) {
        break;
      }
      workgroupBarrier();
      load_tile(keys, first, high, key_column, first_column + chunk * CHUNK, lane, true);
      workgroupBarrier();
      var added = vec2f(0.0);
      for (var k = 0u; k < KEYS; k++) {
        added += scores[row * 33u + k] * vec2f(tile[k * 33u + column], tile[k * 33u + column + 16u]);
      }
      mixed[2u * chunk] = mixed[2u * chunk] * kept + added.x;
      mixed[2u * chunk + 1u] = mixed[2u * chunk + 1u] * kept + added.y;
    }
  }

  let inverse = select(1.0 / total, 0.0, total == 0.0);
  if (row >= count) {
    return;
  }
  for (var i = 0u; i < 16u; i++) {
    let c = first_column + i * 16u + column;
    if (c < params.head_width) {
      out[params.out_offset + (token + row) * params.out_stride + head * params.head_width + c] = mixed[i] * inverse;
    }
  }
  if (!stores) {
    return;
  }
  for (var k = column; k < low; k += 16u) {
    weights[weight_row + k] = 0.0;
  }
  for (var k = low + column; k < params.span; k += 16u) {
    var weight = 0.0;
    if (k < high) {
      weight = weight_of(weights[weight_row + k], largest) * inverse;
    }
    weights[weight_row + k] = weight;
  }
}
