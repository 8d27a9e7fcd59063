// (high, low) + value, where high + low is the number: nothing below 2^−48 of it is lost (Knuth's two-sum).
fn add_to_pair(pair: vec2f, value: f32) -> vec2f {
  let sum = pair.x + value;
  let part = sum - pair.x;
  let lost = (pair.x - (sum - part)) + (value - part);
  let low = pair.y + lost;
  let high = sum + low;
  return vec2f(high, low - (high - sum));
}
