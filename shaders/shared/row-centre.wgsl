// What a norm subtracts from the row of `x` that begins at `first`: its mean where `centred` is 1, else 0. One workgroup per
// row; needs reduce.wgsl.

fn centre_of_row(lane: u32, first: u32) -> f32 {
  if (centred == 0u) {
    return 0.0;
  }
  var part = 0.0;
  for (var c = lane; c < params.width; c += LANES) {
    part += x[first + c];
  }
  return sum_over_group(lane, part) / f32(params.width);
}
