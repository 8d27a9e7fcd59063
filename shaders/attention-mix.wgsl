// out = Σ_k weights[t, head·span + k] · value[row of key k]: the second half of attention.
//
// Sequences, ranges and heads as in attention. One workgroup per query and head, one invocation per column.

struct Params {
  sequences: u32,
  longest: u32,
  heads: u32,
  key_heads: u32,
  head_width: u32,
  span: u32,
  group_offset: u32,
  weights_offset: u32,
  weights_stride: u32,
  value_offset: u32,
  value_stride: u32,
  offsets_offset: u32,
  ranges_offset: u32,
  out_offset: u32,
  out_stride: u32,
}

override has_ranges: u32 = 0;

@group(0) @binding(0) var<storage, read> weights: array<f32>;
@group(0) @binding(1) var<storage, read> value: array<f32>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read> ranges: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/keys.wgsl

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = group_index(group, groups);
  let head = index % params.heads;
  let sequence = index / params.heads / params.longest;
  if (sequence >= params.sequences) {
    return;
  }
  let token = offsets[params.offsets_offset + sequence] + index / params.heads % params.longest;
  if (token >= offsets[params.offsets_offset + sequence + 1u]) {
    return;
  }
  let keys = keys_of(sequence);
  let column = head * params.key_heads / params.heads * params.head_width;
  let weight = params.weights_offset + token * params.weights_stride + head * params.span;
  for (var c = lane; c < params.head_width; c += 64u) {
    var sum = 0.0;
    for (var k = 0u; k < min(keys.count, params.span); k++) {
      sum += weights[weight + k] * value[params.value_offset + key_row(keys, k) * params.value_stride + column + c];
    }
    out[params.out_offset + token * params.out_stride + head * params.head_width + c] = sum;
  }
}
