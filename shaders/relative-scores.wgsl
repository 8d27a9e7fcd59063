// Softmax weights of attention with relative positions and segments; native/kernels/relative-scores.cpp has the
// formula.
//
// A workgroup takes 16 queries of one sequence and head, and 32 keys at a time with the 47 distances that lie between
// them, 32 columns at a time. Invocation t belongs to query t / 16 and to every 16th key; it stores the raw scores of
// its keys among the weights, and normalises them at the end.

struct Params {
  sequences: u32,
  longest: u32,
  heads: u32,
  head_width: u32,
  span: u32,
  reach: u32,
  scale: f32,
  group_offset: u32,
  query_offset: u32,
  query_stride: u32,
  key_offset: u32,
  key_stride: u32,
  distances_offset: u32,
  distances_stride: u32,
  biases_offset: u32,
  biases_stride: u32,
  offsets_offset: u32,
  types_offset: u32,
  weights_offset: u32,
  weights_stride: u32,
}

override has_types: u32 = 0;

@group(0) @binding(0) var<storage, read> query: array<f32>;
@group(0) @binding(1) var<storage, read> key: array<f32>;
@group(0) @binding(2) var<storage, read> distances: array<f32>;
@group(0) @binding(3) var<storage, read> biases: array<f32>;
@group(0) @binding(4) var<storage, read> offsets: array<u32>;
@group(0) @binding(5) var<storage, read> types: array<u32>;
@group(0) @binding(6) var<storage, read_write> weights: array<f32>;
@group(0) @binding(7) var<uniform> params: Params;

// include: shared/groups.wgsl

const QUERIES = 16u;
const KEYS = 32u;
const CHUNK = 32u;
const MASKED = -3e38;

var<workgroup> for_keys: array<f32, 528>; // 16 queries + u, 32 columns, rows of 33
var<workgroup> for_distances: array<f32, 528>; // 16 queries + v
var<workgroup> key_tile: array<f32, 1056>; // 32 keys
var<workgroup> distance_tile: array<f32, 1584>; // 48 distances: row t is that of t − 31 from the first query to the first key
var<workgroup> shares: array<f32, 256>; // what 16 invocations have of each query

fn query_at(token: u32, column: u32) -> f32 {
  return query[params.query_offset + token * params.query_stride + column];
}

fn bias_at(row: u32, column: u32) -> f32 {
  return biases[params.biases_offset + row * params.biases_stride + column];
}

// Columns start … start + 31 of the queries, of keys first … first + 31, and of the distances between them.
fn load_tiles(token: u32, count: u32, key_row: u32, keys: u32, ahead: i32, head_column: u32, start: u32, lane: u32) {
  for (var i = lane; i < 48u * CHUNK; i += 256u) {
    let row = i / CHUNK;
    let c = i % CHUNK;
    let at = row * 33u + c;
    let column = head_column + start + c;
    let inside = start + c < params.head_width;
    if (row < QUERIES) {
      for_keys[at] = 0.0;
      for_distances[at] = 0.0;
      if (inside && row < count) {
        let value = query_at(token + row, column);
        for_keys[at] = params.scale * (value + bias_at(0u, column));
        for_distances[at] = params.scale * (value + bias_at(1u, column));
      }
    }
    if (row < KEYS) {
      key_tile[at] = 0.0;
      if (inside && row < keys) {
        key_tile[at] = key[params.key_offset + (key_row + row) * params.key_stride + column];
      }
    }
    distance_tile[at] = 0.0;
    if (inside) {
      let reach = i32(params.reach);
      let distance = clamp(ahead + i32(row) - 31, -reach, reach);
      distance_tile[at] = distances[params.distances_offset + u32(distance + reach) * params.distances_stride + column];
    }
  }
}

fn type_of(token: u32) -> u32 {
  return types[params.types_offset + token];
}

// The sum of what the 16 invocations of a query have; every invocation of the group calls it.
fn sum_of_row(value: f32, row: u32, lane: u32) -> f32 {
  workgroupBarrier();
  shares[lane] = value;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < 16u; i++) {
    sum += shares[row * 16u + i];
  }
  return sum;
}

fn max_of_row(value: f32, row: u32, lane: u32) -> f32 {
  workgroupBarrier();
  shares[lane] = value;
  workgroupBarrier();
  var most = MASKED;
  for (var i = 0u; i < 16u; i++) {
    most = max(most, shares[row * 16u + i]);
  }
  return most;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = group_index(group, groups);
  let blocks = (params.longest + QUERIES - 1u) / QUERIES;
  let head = index % params.heads;
  let sequence = index / params.heads / blocks;
  if (sequence >= params.sequences) {
    return;
  }
  let block = index / params.heads % blocks * QUERIES;
  let start_token = offsets[params.offsets_offset + sequence];
  let length = offsets[params.offsets_offset + sequence + 1u] - start_token;
  if (block >= length) {
    return;
  }
  let count = min(QUERIES, length - block);
  let token = start_token + block;
  let head_column = head * params.head_width;
  let row = lane / 16u;
  let column = lane % 16u;
  let own = row < count;
  let weight_row = params.weights_offset + (token + row) * params.weights_stride + head * params.span;

  var by_type = 0.0;
  if (has_types == 1u) {
    var part = 0.0;
    for (var c = column; own && c < params.head_width; c += 16u) {
      let at = head_column + c;
      part += params.scale * (query_at(token + row, at) + bias_at(2u, at)) * bias_at(3u, at);
    }
    by_type = sum_of_row(part, row, lane);
  }

  var largest = MASKED;
  for (var first = 0u; first < length; first += KEYS) {
    var pair = vec2f(0.0);
    for (var start = 0u; start < params.head_width; start += CHUNK) {
      workgroupBarrier();
      load_tiles(token, count, start_token + first, min(KEYS, length - first), i32(block) - i32(first), head_column, start, lane);
      workgroupBarrier();
      for (var c = 0u; c < CHUNK; c++) {
        let near = (row + 31u - column) * 33u + c;
        let content = vec2f(key_tile[column * 33u + c], key_tile[(column + 16u) * 33u + c]);
        let place = vec2f(distance_tile[near], distance_tile[near - 16u * 33u]);
        pair += for_keys[row * 33u + c] * content + for_distances[row * 33u + c] * place;
      }
    }
    for (var half = 0u; half < 2u; half++) {
      let k = first + column + 16u * half;
      if (!own || k >= length) {
        continue;
      }
      var score = pair[half];
      if (has_types == 1u) {
        if (type_of(token + row) != type_of(start_token + k)) {
          score += by_type;
        }
      }
      weights[weight_row + k] = score;
      largest = max(largest, score);
    }
  }

  largest = max_of_row(largest, row, lane);
  var part = 0.0;
  for (var k = column; own && k < length; k += 16u) {
    part += exp(weights[weight_row + k] - largest);
  }
  let total = sum_of_row(part, row, lane);
  for (var k = column; own && k < params.span; k += 16u) {
    var weight = 0.0;
    if (k < length) {
      weight = exp(weights[weight_row + k] - largest) / total;
    }
    weights[weight_row + k] = weight;
  }
}
