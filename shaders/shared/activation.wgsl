// x·Φ(x), Φ the standard normal distribution function, accurate relatively in the negative tail too: a
// fit of Φ(−x)·e^(x²/2) in 1/(1 + 0.35 x), and x² in two parts, the first with 12 bits so that it is exact.
fn gelu_exact(x: f32) -> f32 {
  let size = min(abs(x), 14.5);
  let t = 1.0 / (1.0 + 0.35 * size);
  var p = 0.1440601535 - 0.02916378774 * t;
  p = p * t - 0.2559005765;
  p = p * t + 0.1593915102;
  p = p * t - 0.0232629228;
  p = p * t + 0.1055744399;
  p = p * t + 0.1198155832;
  p = p * t + 0.1398643253;
  p = p * t + 0.1396212589;
  let high = bitcast<f32>(bitcast<u32>(size) & 0xfffff000u);
  let tail = p * t * exp(-0.5 * high * high) * exp(-0.5 * (size - high) * (size + high));
  return x * select(1.0 - tail, tail, x < 0.0);
}

fn sigmoid(x: f32) -> f32 {
  return 1.0 / (1.0 + exp(clamp(-x, -88.0, 88.0)));
}

// ½x·(1 + tanh(√(2/π)(x + 0.044715x³))), by 1 + tanh u = 2/(1 + e^−2u).
fn gelu_tanh(x: f32) -> f32 {
  return x * sigmoid(x * (1.5957691216 + 0.0713548162726 * x * x));
}

// 0 none, 1 GELU, 2 GELU by tanh, 3 SiLU, 4 ReLU: the order of `activations` in src/kernels/activation-names.ts.
fn activate(kind: u32, x: f32) -> f32 {
  switch (kind) {
    case 1u: { return gelu_exact(x); }
    case 2u: { return gelu_tanh(x); }
    case 3u: { return x * sigmoid(x); }
    case 4u: { return max(x, 0.0); }
    default: { return x; }
  }
}
