// Sums and maxima over the LANES invocations of a workgroup, a power of two that the including shader declares, as
// trees; every invocation gets the result.
var<workgroup> reduced: array<f32, LANES>;

fn sum_over_group(lane: u32, value: f32) -> f32 {
  reduced[lane] = value;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) {
      reduced[lane] += reduced[lane + half];
    }
    workgroupBarrier();
  }
  let sum = reduced[0];
  workgroupBarrier();
  return sum;
}

fn largest_over_group(lane: u32, value: f32) -> f32 {
  reduced[lane] = value;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (lane < half) {
      reduced[lane] = max(reduced[lane], reduced[lane + half]);
    }
    workgroupBarrier();
  }
  let largest = reduced[0];
  workgroupBarrier();
  return largest;
}
