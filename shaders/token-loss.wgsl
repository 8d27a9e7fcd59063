// loss = ln Σ e^(x − max) + max − x[target] for every row of logits; best = the lowest column that holds
// the maximum. Both are 0 where the target is 2^32 − 1 (none). Nothing but these is stored.
//
// One workgroup per row.

struct Params {
  rows: u32,
  width: u32,
  group_offset: u32,
  logits_offset: u32,
  logits_stride: u32,
  targets_offset: u32,
  loss_offset: u32,
  best_offset: u32,
}

override has_best: u32 = 0;

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<storage, read_write> best: array<u32>;
@group(0) @binding(4) var<uniform> params: Params;

const LANES = 256u;

// include: shared/groups.wgsl
// include: shared/reduce.wgsl

var<workgroup> lowest: atomic<u32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_index(group, groups);
  if (row >= params.rows) {
    return;
  }
  let start = params.logits_offset + row * params.logits_stride;
  let goal = targets[params.targets_offset + row];
  let wanted = goal < params.width;

  var part = -3e38;
  var place = 0u;
  for (var c = lane; c < params.width; c += LANES) {
    if (logits[start + c] > part) {
      part = logits[start + c];
      place = c;
    }
  }
  if (lane == 0u) {
    atomicStore(&lowest, params.width);
  }
  let largest = largest_over_group(lane, part);
  if (part == largest) {
    atomicMin(&lowest, place);
  }

  var rest = 0.0;
  for (var c = lane; c < params.width; c += LANES) {
    rest += exp(logits[start + c] - largest);
  }
  let sum = sum_over_group(lane, rest);
  if (lane != 0u) {
    return;
  }
  var nats = 0.0;
  if (wanted) {
    nats = log(sum) + (largest - logits[start + goal]);
  }
  loss[params.loss_offset + row] = nats;
  if (has_best == 1u) {
    best[params.best_offset + row] = select(0u, atomicLoad(&lowest) % max(params.width, 1u), wanted);
  }
}
