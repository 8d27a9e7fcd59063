// Column c of a weighted sum of two rows and a bias; rows past the end count as zeros. The including shader declares x, index,
// shares, bias, has_bias, and their places in params.
fn mixed_part(row: u32, term: u32, c: u32) -> f32 {
  let source = index[params.index_offset + row * params.index_stride + term];
  if (source >= params.source_rows) {
    return 0.0;
  }
  return shares[params.shares_offset + row * params.shares_stride + term] * x[params.x_offset + source * params.x_stride + c];
}

fn mixed(row: u32, c: u32) -> f32 {
  var start = 0.0;
  if (has_bias == 1u) {
    start = bias[params.bias_offset + c];
  }
  return start + mixed_part(row, 0u, c) + mixed_part(row, 1u, c);
}
