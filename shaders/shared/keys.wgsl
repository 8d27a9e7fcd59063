// The keys of one sequence: rows of a prefix, which other sequences may share, and then rows of its own.
struct Keys {
  prefix: u32,
  prefix_count: u32,
  own: u32,
  count: u32,
}

fn keys_of(sequence: u32) -> Keys {
  if (has_ranges == 0u) {
    let first = offsets[params.offsets_offset + sequence];
    return Keys(0u, 0u, first, offsets[params.offsets_offset + sequence + 1u] - first);
  }
  let range = params.ranges_offset + 4u * sequence;
  let prefix = ranges[range + 1u] - ranges[range];
  return Keys(ranges[range], prefix, ranges[range + 2u], prefix + ranges[range + 3u] - ranges[range + 2u]);
}

fn key_row(keys: Keys, key: u32) -> u32 {
  return select(keys.own + key - keys.prefix_count, keys.prefix + key, key < keys.prefix_count);
}
