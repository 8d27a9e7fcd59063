// An unsigned number that grows as the float32 with these bits does: −0 = +0; NaN lies beyond both ends.
fn ordered_key(bits: u32) -> u32 {
  let value = select(bits, 0u, bits == 0x80000000u);
  return select(value | 0x80000000u, ~value, (value & 0x80000000u) != 0u);
}

fn is_nan(bits: u32) -> bool {
  return (bits & 0x7fffffffu) > 0x7f800000u;
}
