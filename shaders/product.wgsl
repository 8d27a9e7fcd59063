// out[i, j] = activation(Σ_k a[i, k]·b[k, j] + bias[j]) + residual[i, j]; Σ over nothing is 0.
//
// A workgroup makes a tile of 128 × 128: each of its 256 invocations sums 8 × 8 of it in float32
// registers, in order of k. Both sides pass through workgroup memory k-major, 16 values of k at a
// time, and the next 16 are fetched into registers while these are summed.

struct Params {
  rows: u32,
  inner: u32,
  columns: u32,
  group_offset: u32,
  a_offset: u32,
  a_stride: u32,
  b_offset: u32,
  b_stride: u32,
  bias_offset: u32,
  residual_offset: u32,
  residual_stride: u32,
  out_offset: u32,
  out_stride: u32,
}

override transposed: u32 = 0; // a is [inner × rows]
override weight_layout: u32 = 0; // b is 0: [columns × inner], 1: [inner × columns], 2: packed (native/kernels/pack.h)
override activation: u32 = 0;
override has_bias: u32 = 0;
override has_residual: u32 = 0;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/activation.wgsl
// include: shared/tile.wgsl
// include: shared/weight.wgsl

fn read_a(row: u32, k: u32) -> f32 {
  if (row >= params.rows || k >= params.inner) {
    return 0.0;
  }
  if (transposed == 1u) {
    return a[params.a_offset + k * params.a_stride + row];
  }
  return a[params.a_offset + row * params.a_stride + k];
}

fn read_b(column: u32, k: u32) -> f32 {
  if (column >= params.columns || k >= params.inner) {
    return 0.0;
  }
  return weight(k, column);
}

fn read_left(first: u32, k: u32) -> vec4f {
  return vec4f(read_a(first, k), read_a(first + 1u, k), read_a(first + 2u, k), read_a(first + 3u, k));
}

fn read_right(first: u32, k: u32) -> vec4f {
  return vec4f(read_b(first, k), read_b(first + 1u, k), read_b(first + 2u, k), read_b(first + 3u, k));
}

// Which four rows or columns of the tile, and which k, an invocation fetches first; the second time it
// takes those 64 further, or the k 8 further. Neighbours read along the direction in which memory runs.
fn quad_of(t: u32, along_k: bool) -> vec2u {
  return select(vec2u(t % 32u, t / 32u), vec2u(t / 16u, t % 16u), along_k);
}

fn second_of(first: vec2u, along_k: bool) -> vec2u {
  return first + select(vec2u(0u, 8u), vec2u(16u, 0u), along_k);
}

fn fetch(row: u32, column: u32, k: u32, t: u32) -> array<vec4f, 4> {
  let a0 = quad_of(t, transposed == 0u);
  let a1 = second_of(a0, transposed == 0u);
  let b0 = quad_of(t, weight_layout == 0u);
  let b1 = second_of(b0, weight_layout == 0u);
  return array(
    read_left(row + a0.x * 4u, k + a0.y),
    read_left(row + a1.x * 4u, k + a1.y),
    read_right(column + b0.x * 4u, k + b0.y),
    read_right(column + b1.x * 4u, k + b1.y),
  );
}

fn keep(fetched: array<vec4f, 4>, t: u32) {
  let a0 = quad_of(t, transposed == 0u);
  let a1 = second_of(a0, transposed == 0u);
  let b0 = quad_of(t, weight_layout == 0u);
  let b1 = second_of(b0, weight_layout == 0u);
  left[a0.y * tile_step + a0.x] = fetched[0];
  left[a1.y * tile_step + a1.x] = fetched[1];
  right[b0.y * tile_step + b0.x] = fetched[2];
  right[b1.y * tile_step + b1.x] = fetched[3];
}

fn write_four(row: u32, first: u32, sums: vec4f) {
  if (row >= params.rows) {
    return;
  }
  for (var j = 0u; j < 4u && first + j < params.columns; j++) {
    let column = first + j;
    var x = sums[j];
    if (has_bias == 1u) {
      x += bias[params.bias_offset + column];
    }
    x = activate(activation, x);
    if (has_residual == 1u) {
      x += residual[params.residual_offset + row * params.residual_stride + column];
    }
    out[params.out_offset + row * params.out_stride + column] = x;
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) count: vec3u, @builtin(local_invocation_index) t: u32) {
  let group = group_index(id, count);
  let across = (params.columns + 127u) / 128u;
  let row = group / across * 128u;
  let column = group % across * 128u;
  if (row >= params.rows) {
    return;
  }
  let low = params.rows <= 32u; // few rows: 4 × 4 sums each, of 32 × 128
  var sums = Sums();
  // While the 16 values of k before these are summed, these are on their way.
  for (var k = 0u;; k += 16u) {
    var fetched = array<vec4f, 4>();
    if (k < params.inner) {
      fetched = fetch(row, column, k, t);
    }
    if (k > 0u && low) {
      add_low_tile(&sums, t);
    } else if (k > 0u) {
      add_tile(&sums, t);
    }
    workgroupBarrier();
    if (k >= params.inner) {
      break;
    }
    keep(fetched, t);
    workgroupBarrier();
  }
  // 32 rows at a time go through workgroup memory, so that neighbours write neighbouring columns.
  for (var band = 0u; band < 4u && row + band * 32u < params.rows; band++) {
    stage_band(&sums, t, band, low);
    workgroupBarrier();
    for (var i = t; i < 1024u; i += 256u) {
      write_four(row + band * 32u + i / 32u, column + i % 32u * 4u, staged(i));
    }
    workgroupBarrier();
  }
}
