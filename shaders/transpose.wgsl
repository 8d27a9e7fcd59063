// Columns of a block of rows, each gathered into a run of its own:
//
//   out[c, first_row + r] = x[r, first_column + c]
//
// A workgroup moves a tile of 32 × 32 through workgroup memory (33 wide, so that columns lie in different banks).

struct Params {
  rows: u32,
  columns: u32,
  first_row: u32,
  first_column: u32,
  group_offset: u32,
  x_offset: u32,
  x_stride: u32,
  out_offset: u32,
  out_stride: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

// include: shared/groups.wgsl

var<workgroup> tile: array<f32, 1056>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u, @builtin(local_invocation_index) t: u32) {
  let across = (params.columns + 31u) / 32u;
  let group = group_index(id, all);
  let left = group % across * 32u;
  let top = group / across * 32u;

  for (var r = t / 32u; r < 32u; r += 8u) {
    if (top + r < params.rows && left + t % 32u < params.columns) {
      tile[r * 33u + t % 32u] = x[params.x_offset + (top + r) * params.x_stride + params.first_column + left + t % 32u];
    }
  }
  workgroupBarrier();
  for (var c = t / 32u; c < 32u; c += 8u) {
    if (left + c < params.columns && top + t % 32u < params.rows) {
      out[params.out_offset + (left + c) * params.out_stride + params.first_row + top + t % 32u] = tile[t % 32u * 33u + c];
    }
  }
}
