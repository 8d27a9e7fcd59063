// One time step of long short-term memory, gates in torch's order i, f, g, o.
//
//   i, f, o = σ(input + recurrent)   g = tanh(input + recurrent)
//   cell = f·cell + i·g               hidden = o·tanh(cell)
//
// Where `indexed` is 1, row i reads row index[i] of input, which several rows may share.
// Parts, added up: 1 makes the gates, 2 the cell, 4 the hidden state; a part that is left out is read from
// `gates` and `cell`. One invocation per row and column.

struct Params {
  rows: u32,
  width: u32,
  input_rows: u32,
  group_offset: u32,
  input_offset: u32,
  input_stride: u32,
  recurrent_offset: u32,
  recurrent_stride: u32,
  index_offset: u32,
  cell_offset: u32,
  cell_stride: u32,
  hidden_offset: u32,
  hidden_stride: u32,
  gates_offset: u32,
  gates_stride: u32,
  hiddens_offset: u32,
  hiddens_stride: u32,
  cells_offset: u32,
  cells_stride: u32,
}

override parts: u32 = 7;
override indexed: u32 = 0;
override has_recurrent: u32 = 0;
override has_gates: u32 = 0;
override has_hiddens: u32 = 0;
override has_cells: u32 = 0;

@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read> recurrent: array<f32>;
@group(0) @binding(2) var<storage, read> index: array<u32>;
@group(0) @binding(3) var<storage, read_write> cell: array<f32>;
@group(0) @binding(4) var<storage, read_write> hidden: array<f32>;
@group(0) @binding(5) var<storage, read_write> gates: array<f32>;
@group(0) @binding(6) var<storage, read_write> hiddens: array<f32>;
@group(0) @binding(7) var<storage, read_write> cells: array<f32>;
@group(0) @binding(8) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/activation.wgsl
// include: shared/tanh.wgsl

fn gate(number: u32, row: u32, c: u32) -> f32 {
  let column = number * params.width + c;
  if ((parts & 1u) == 0u) {
    return gates[params.gates_offset + row * params.gates_stride + column];
  }
  var input_row = row;
  if (indexed == 1u) {
    input_row = index[params.index_offset + row];
  }
  var value = input[params.input_offset + input_row * params.input_stride + column];
  if (has_recurrent == 1u) {
    value += recurrent[params.recurrent_offset + row * params.recurrent_stride + column];
  }
  let opened = select(sigmoid(value), hyperbolic_tangent(value), number == 2u);
  if (has_gates == 1u) {
    gates[params.gates_offset + row * params.gates_stride + column] = opened;
  }
  return opened;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = group_index(group, groups) * 256u + lane;
  if (element >= params.rows * params.width) {
    return;
  }
  let row = element / params.width;
  let c = element % params.width;
  let i = gate(0u, row, c);
  let f = gate(1u, row, c);
  let g = gate(2u, row, c);
  let o = gate(3u, row, c);
  if ((parts & 6u) == 0u) {
    return;
  }
  let at = params.cell_offset + row * params.cell_stride + c;
  var state = cell[at];
  if ((parts & 2u) != 0u) {
    state = f * state + i * g;
    cell[at] = state;
    if (has_cells == 1u) {
      cells[params.cells_offset + row * params.cells_stride + c] = state;
    }
  }
  if ((parts & 4u) == 0u) {
    return;
  }
  let shown = o * hyperbolic_tangent(state);
  hidden[params.hidden_offset + row * params.hidden_stride + c] = shown;
  if (has_hiddens == 1u) {
    hiddens[params.hiddens_offset + row * params.hiddens_stride + c] = shown;
  }
}
