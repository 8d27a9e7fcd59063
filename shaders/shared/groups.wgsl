// Workgroups are numbered along one line: the host folds them into a grid that fits the device's
// limit per dimension, and cuts longer lines into several dispatches that start at group_offset.
fn group_index(group: vec3u, groups: vec3u) -> u32 {
  return params.group_offset + group.x + groups.x * (group.y + groups.y * group.z);
}
