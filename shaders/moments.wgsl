// Sums of powers of every column, added to what stands there: with d = x[r, c] − shift[c]
//
//   sums[0..1, c] += Σ d,  sums[2..3, c] += Σ d²,  sums[4..5, c] += Σ d³,  sums[6..7, c] += Σ d⁴    (high and low parts)
//   extremes[0, c], extremes[1, c] = the least and the largest x,  counts[0, c] += x < low,  counts[1, c] += x > high
//
// NaN goes into the sums and is no extreme. A workgroup takes 32 columns: 8 invocations share a column, each with every
// eighth row, and the first of them joins their pairs in their order; neighbours read neighbouring columns.

struct Params {
  rows: u32,
  columns: u32,
  low: f32,
  high: f32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  shift_offset: u32,
  sums_offset: u32,
  sums_stride: u32,
  extremes_offset: u32,
  extremes_stride: u32,
  counts_offset: u32,
  counts_stride: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> shift: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
@group(0) @binding(3) var<storage, read_write> extremes: array<f32>;
@group(0) @binding(4) var<storage, read_write> counts: array<u32>;
@group(0) @binding(5) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/pairs.wgsl

struct Part {
  powers: array<vec2f, 4>,
  extremes: vec2f,
  counts: vec2u,
}

var<workgroup> parts: array<Part, 256>;

fn part_of(column: u32, first_row: u32) -> Part {
  var part: Part;
  part.extremes = vec2f(3.4028234e38, -3.4028234e38);
  let center = shift[params.shift_offset + column];
  for (var row = first_row; row < params.rows; row += 8u) {
    let value = x[params.x_offset + row * params.x_stride + column];
    let d = value - center;
    part.powers[0] = add_to_pair(part.powers[0], d);
    part.powers[1] = add_to_pair(part.powers[1], d * d);
    part.powers[2] = add_to_pair(part.powers[2], d * d * d);
    part.powers[3] = add_to_pair(part.powers[3], d * d * d * d);
    part.extremes = select(part.extremes, vec2f(value), vec2<bool>(value < part.extremes.x, part.extremes.y < value));
    part.counts += select(vec2u(0u), vec2u(1u), vec2<bool>(value < params.low, params.high < value));
  }
  return part;
}

fn join_parts(column: u32, t: u32) {
  for (var power = 0u; power < 4u; power++) {
    let high = params.sums_offset + 2u * power * params.sums_stride + column;
    let low = high + params.sums_stride;
    var sum = vec2f(sums[high], sums[low]);
    for (var i = 0u; i < 8u; i++) {
      let part = parts[i * 32u + t].powers[power];
      sum = add_to_pair(add_to_pair(sum, part.x), part.y);
    }
    sums[high] = sum.x;
    sums[low] = sum.y;
  }
  let least = params.extremes_offset + column;
  let count = params.counts_offset + column;
  for (var i = 0u; i < 8u; i++) {
    let part = parts[i * 32u + t];
    extremes[least] = min(extremes[least], part.extremes.x);
    extremes[least + params.extremes_stride] = max(extremes[least + params.extremes_stride], part.extremes.y);
    counts[count] += part.counts.x;
    counts[count + params.counts_stride] += part.counts.y;
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u, @builtin(local_invocation_index) t: u32) {
  let column = group_index(id, all) * 32u + t % 32u;
  if (column < params.columns) {
    parts[t] = part_of(column, t / 32u);
  }
  workgroupBarrier();
  if (t < 32u && column < params.columns) {
    join_parts(column, t);
  }
}
