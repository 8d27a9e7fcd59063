// Sums and maxima over the 256 invocations of a workgroup, as trees; every invocation gets the result.
var<workgroup> reduced: array<f32, 256>;

fn sum_over_group(lane: u32, value: f32) -> f32 {
  reduced[lane] = value;
  workgroupBarrier();
  for (var half = 128u; half > 0u; half /= 2u) {
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
  for (var half = 128u; half > 0u; half /= 2u) {
    if (lane < half) {
      reduced[lane] = max(reduced[lane], reduced[lane + half]);
    }
    workgroupBarrier();
  }
  let largest = reduced[0];
  workgroupBarrier();
  return largest;
}
