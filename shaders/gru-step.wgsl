// One time step of a gated recurrent unit as torch computes it, gates in the order r, z, n.
//
//   r, z = σ(input + recurrent + bias)   n = tanh(input + r·(recurrent + bias))
//   hidden = (1 − z)·n + z·hidden
//
// Parts, added up: 1 makes r and z, 2 makes n, 4 the hidden state; a gate that is not made is read from
// `gates`. Where `indexed` is 1, row i reads row index[i] of input, which several rows may share. One
// invocation per row and column.

struct Params {
  rows: u32,
  width: u32,
  input_rows: u32,
  group_offset: u32,
  input_offset: u32,
  input_stride: u32,
  recurrent_offset: u32,
  recurrent_stride: u32,
  bias_offset: u32,
  hidden_offset: u32,
  hidden_stride: u32,
  gates_offset: u32,
  gates_stride: u32,
  hiddens_offset: u32,
  hiddens_stride: u32,
  index_offset: u32,
}

override parts: u32 = 7;
override indexed: u32 = 0;
override has_recurrent: u32 = 0;
override has_bias: u32 = 0;
override has_gates: u32 = 0;
override has_hiddens: u32 = 0;

@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read> recurrent: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> hidden: array<f32>;
@group(0) @binding(4) var<storage, read_write> gates: array<f32>;
@group(0) @binding(5) var<storage, read_write> hiddens: array<f32>;
@group(0) @binding(6) var<storage, read> index: array<u32>;
@group(0) @binding(7) var<uniform> params: Params;

// include: shared/groups.wgsl
// include: shared/activation.wgsl
// include: shared/tanh.wgsl

fn from_state(row: u32, column: u32) -> f32 {
  var value = 0.0;
  if (has_recurrent == 1u) {
    value = recurrent[params.recurrent_offset + row * params.recurrent_stride + column];
  }
  if (has_bias == 1u) {
    value += bias[params.bias_offset + column];
  }
  return value;
}

fn gate(number: u32, row: u32, c: u32, reset: f32) -> f32 {
  let column = number * params.width + c;
  let made = (parts & select(1u, 2u, number == 2u)) != 0u;
  if (!made) {
    return gates[params.gates_offset + row * params.gates_stride + column];
  }
  var input_row = row;
  if (indexed == 1u) {
    input_row = index[params.index_offset + row];
  }
  let given = input[params.input_offset + input_row * params.input_stride + column];
  let known = from_state(row, column);
  let opened = select(sigmoid(given + known), hyperbolic_tangent(given + reset * known), number == 2u);
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
  let r = gate(0u, row, c, 0.0);
  let z = gate(1u, row, c, 0.0);
  if ((parts & 6u) == 0u) {
    return;
  }
  let n = gate(2u, row, c, r);
  if ((parts & 4u) == 0u) {
    return;
  }
  let at = params.hidden_offset + row * params.hidden_stride + c;
  let shown = (1.0 - z) * n + z * hidden[at];
  hidden[at] = shown;
  if (has_hiddens == 1u) {
    hiddens[params.hiddens_offset + row * params.hiddens_stride + c] = shown;
  }
}
