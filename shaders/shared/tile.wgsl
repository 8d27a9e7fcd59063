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

// Rows 32·band … + 31 of the tile, row-major, 32 elements of four columns to a row: the first 512 in left, the others in right.
fn stage_band(sums: ptr<function, Sums>, t: u32, band: u32, low: bool) {
  if (low) {
    let first = t / 32u * 128u + t % 32u;
    stage(first, (*sums).near[0]);
    stage(first + 32u, (*sums).near[1]);
    stage(first + 64u, (*sums).near[2]);
    stage(first + 96u, (*sums).near[3]);
    return;
  }
  if (t / 128u != band % 2u) {
    return;
  }
  let at = t / 16u % 8u * 128u + t % 16u;
  let second = band >= 2u;
  stage(at, select((*sums).near[0], (*sums).near[4], second));
  stage(at + 32u, select((*sums).near[1], (*sums).near[5], second));
  stage(at + 64u, select((*sums).near[2], (*sums).near[6], second));
  stage(at + 96u, select((*sums).near[3], (*sums).near[7], second));
  stage(at + 16u, select((*sums).far[0], (*sums).far[4], second));
  stage(at + 48u, select((*sums).far[1], (*sums).far[5], second));
  stage(at + 80u, select((*sums).far[2], (*sums).far[6], second));
  stage(at + 112u, select((*sums).far[3], (*sums).far[7], second));
}

fn stage(at: u32, value: vec4f) {
  if (at < 512u) {
    left[at] = value;
  } else {
    right[at - 512u] = value;
  }
}

fn staged(at: u32) -> vec4f {
  if (at < 512u) {
    return left[at];
  }
  return right[at - 512u];
}
