// A tile of 128 × 128 sums, made by 256 invocations from 16 values of k at a time, which lie k-major in
// workgroup memory: four values to an element, 32 elements to a k, and one more so that the four
// k that neighbours store at once fall into different banks.
const tile_step = 33u;
var<workgroup> left: array<vec4f, 528>;
var<workgroup> right: array<vec4f, 528>;

// near[i] and far[i]: columns 4·(t mod 16) … + 3 and 64 + the same, of row 4·(t div 16) + i (i < 4) or 64 + 4·(t div 16) + i − 4.
struct Sums {
  near: array<vec4f, 8>,
  far: array<vec4f, 8>,
}

// Adds what left and right hold to the sums of invocation t.
fn add_tile(sums: ptr<function, Sums>, t: u32) {
  for (var k = 0u; k < 16u; k++) {
    let a0 = left[k * tile_step + t / 16u];
    let a1 = left[k * tile_step + 16u + t / 16u];
    let b0 = right[k * tile_step + t % 16u];
    let b1 = right[k * tile_step + 16u + t % 16u];
    (*sums).near[0] += a0.x * b0;
    (*sums).near[1] += a0.y * b0;
    (*sums).near[2] += a0.z * b0;
    (*sums).near[3] += a0.w * b0;
    (*sums).near[4] += a1.x * b0;
    (*sums).near[5] += a1.y * b0;
    (*sums).near[6] += a1.z * b0;
    (*sums).near[7] += a1.w * b0;
    (*sums).far[0] += a0.x * b1;
    (*sums).far[1] += a0.y * b1;
    (*sums).far[2] += a0.z * b1;
    (*sums).far[3] += a0.w * b1;
    (*sums).far[4] += a1.x * b1;
    (*sums).far[5] += a1.y * b1;
    (*sums).far[6] += a1.z * b1;
    (*sums).far[7] += a1.w * b1;
  }
}

// The same where only the first 32 rows count: near[i] is columns 4·(t mod 32) … + 3 of row 4·(t div 32) + i, i < 4.
fn add_low_tile(sums: ptr<function, Sums>, t: u32) {
  for (var k = 0u; k < 16u; k++) {
    let a0 = left[k * tile_step + t / 32u];
    let b0 = right[k * tile_step + t % 32u];
    (*sums).near[0] += a0.x * b0;
    (*sums).near[1] += a0.y * b0;
    (*sums).near[2] += a0.z * b0;
    (*sums).near[3] += a0.w * b0;
  }
}
