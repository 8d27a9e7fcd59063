// tanh with a relative error of 3e-7 everywhere; the built-in one may be off by 1e-5 and gives NaN far out.
fn hyperbolic_tangent(x: f32) -> f32 {
  let size = min(abs(x), 10.0);
  let square = size * size;
  var p = 0.02060617818 - 0.005666978876 * square;
  p = p * square - 0.05373000758;
  p = p * square + 0.1333133101;
  p = p * square - 0.3333327806;
  let near = size + size * square * p;
  let far = 1.0 - 2.0 / (1.0 + exp(size + size));
  let value = select(far, near, size < 0.63);
  return select(value, -value, x < 0.0);
}
