// The loss of a row's target and its likeliest column, one workgroup per row. Needs `logit(row, column)`, `targets`, `loss`,
// `best`, the override `has_best`, and groups.wgsl and reduce.wgsl.

var<workgroup> lowest: atomic<u32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group_index(group, groups);
  if (row >= params.rows) {
    return;
  }
  let goal = targets[params.targets_offset + row];
  let wanted = goal < params.width;

  var part = -3e38;
  var place = 0u;
  for (var c = lane; c < params.width; c += LANES) {
    let x = logit(row, c);
    if (x > part) {
      part = x;
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
    rest += exp(logit(row, c) - largest);
  }
  let sum = sum_over_group(lane, rest);
  if (lane != 0u) {
    return;
  }
  var nats = 0.0;
  if (wanted) {
    nats = log(sum) + (largest - logit(row, goal));
  }
  loss[params.loss_offset + row] = nats;
  if (has_best == 1u) {
    best[params.best_offset + row] = select(0u, atomicLoad(&lowest) % max(params.width, 1u), wanted);
  }
}
