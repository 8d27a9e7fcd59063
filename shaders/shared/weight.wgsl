// One number of a product's right operand `b`, as `weight_layout` says that it lies; the including shader declares both.
fn weight(k: u32, column: u32) -> f32 {
  if (weight_layout == 0u) {
    return b[params.b_offset + column * params.b_stride + k];
  }
  if (weight_layout == 1u) {
    return b[params.b_offset + k * params.b_stride + column];
  }
  let start = k / 384u * 384u;
  let padded = (params.columns + 31u) / 32u * 32u;
  let depth = min(384u, params.inner - start);
  return b[params.b_offset + start * padded + column / 32u * 32u * depth + (k - start) * 32u + column % 32u];
}
