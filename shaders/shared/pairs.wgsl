// (high, low) + value, where high + low is the number: nothing below 2^−48 of it is lost (Knuth's two-sum).
fn add_to_pair(pair: vec2f, value: f32) -> vec2f {
  let sum = pair.x + value;
  let part = sum - pair.x;
  let lost = (pair.x - (sum - part)) + (value - part);
  let low = pair.y + lost;
  let high = sum + low;
  return vec2f(high, low - (high - sum));
}

// a · b as (high, low), right to 2^−44: both factors are cut in halves whose products are exact (Dekker 1971).
fn multiply_pairs(a: vec2f, b: vec2f) -> vec2f {
  let product = a.x * b.x;
  let wide = vec2f(a.x, b.x) * 4097.0;
  let high = wide - (wide - vec2f(a.x, b.x));
  let low = vec2f(a.x, b.x) - high;
  let lost = ((high.x * high.y - product) + high.x * low.y + low.x * high.y) + low.x * low.y;
  return vec2f(product, lost + (a.x * b.y + a.y * b.x));
}
