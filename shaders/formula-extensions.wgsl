// The best extensions of each neuron's formulas by one concept, by IoU with the neuron's mask N:
//
//   IoU(E) = |E ∧ N| / (|N| + |E| − |E ∧ N|),   E = F ∨ c, F ∧ c, F ∧ ¬c,   |c ∧ N| > 0, |E ∧ N| > 0
//
// Fractions are compared as products of 64 bits, ties go to the lower slot, concept and operator, so that the answer
// is exact. A workgroup serves one neuron: ten formulas at a time pass through workgroup memory, 32 words at a time,
// and an invocation counts |F ∧ c| and |F ∧ c ∧ N| of one concept with all of them. Then each offers its best
// extension that would enter the list, the best of those enters, and so on until none would.

struct Params {
  neurons: u32,
  concepts: u32,
  words: u32,
  beam: u32,
  length: u32,
  group_offset: u32,
  masks_offset: u32,
  masks_stride: u32,
  concepts_offset: u32,
  concepts_stride: u32,
  sizes_offset: u32,
  shared_offset: u32,
  shared_stride: u32,
  mask_sizes_offset: u32,
  formulas_offset: u32,
  formulas_stride: u32,
  out_offset: u32,
  out_stride: u32,
}

@group(0) @binding(0) var<storage, read> masks: array<u32>;
@group(0) @binding(1) var<storage, read> concepts: array<u32>;
@group(0) @binding(2) var<storage, read> sizes: array<u32>;
@group(0) @binding(3) var<storage, read> shared_rows: array<u32>;
@group(0) @binding(4) var<storage, read> mask_sizes: array<u32>;
@group(0) @binding(5) var<storage, read> formulas: array<u32>;
@group(0) @binding(6) var<storage, read_write> out: array<u32>;
@group(0) @binding(7) var<uniform> params: Params;

// include: shared/groups.wgsl

const none = 0xffffffffu;
const threads = 256u;
const slots = 10u;
const depth = 32u;

struct Extension {
  both: u32,
  size: u32,
  either: u32,
  // (slot · concepts + concept) · 3 + operator
  rank: u32,
}

var<workgroup> formula: array<u32, 320>;
var<workgroup> formula_mask: array<u32, 320>;
var<workgroup> offers: array<Extension, 256>;
var<workgroup> last: Extension;
var<workgroup> entered: u32;

fn wide_product(a: u32, b: u32) -> vec2u {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu);
  let other = (a & 0xffffu) * (b >> 16u);
  let carried = (low >> 16u) + (middle & 0xffffu) + (other & 0xffffu);
  return vec2u((a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u) + (carried >> 16u), a * b);
}

fn precedes(a: Extension, b: Extension) -> bool {
  let left = wide_product(a.both, b.either);
  let right = wide_product(b.both, a.either);
  if (left.x != right.x) {
    return left.x > right.x;
  }
  if (left.y != right.y) {
    return left.y > right.y;
  }
  return a.both > 0u && a.rank < b.rank;
}

// One word of a chain.
fn formula_word(at: u32, word: u32) -> u32 {
  var bits = 0u;
  for (var link = 0u; link < params.length; link++) {
    let code = formulas[at + 2u + link];
    if (code == none) {
      break;
    }
    let more = concepts[params.concepts_offset + (code >> 2u) * params.concepts_stride + word];
    let kind = code & 3u;
    bits = select(select(select(bits & ~more, bits & more, kind == 1u), bits | more, kind == 0u), more, link == 0u);
  }
  return bits;
}

// Puts an extension into the list and sets what the next one must precede. One invocation does this.
fn enter(neuron: u32, candidate: Extension, mask_size: u32) {
  let start = params.out_offset + neuron * params.out_stride;
  var at = entered;
  if (entered == params.beam) {
    at = entered - 1u;
  } else {
    entered++;
  }
  for (; at > 0u; at--) {
    if (!precedes(candidate, listed(start + 4u * (at - 1u), mask_size))) {
      break;
    }
    for (var i = 0u; i < 4u; i++) {
      out[start + 4u * at + i] = out[start + 4u * (at - 1u) + i];
    }
  }
  let pair = candidate.rank / 3u;
  out[start + 4u * at] = pair / params.concepts * 4u + candidate.rank % 3u;
  out[start + 4u * at + 1u] = pair % params.concepts;
  out[start + 4u * at + 2u] = candidate.both;
  out[start + 4u * at + 3u] = candidate.size;
  if (entered == params.beam) {
    last = listed(start + 4u * (params.beam - 1u), mask_size);
  }
}

fn listed(at: u32, mask_size: u32) -> Extension {
  let code = out[at];
  let rank = ((code >> 2u) * params.concepts + out[at + 1u]) * 3u + (code & 3u);
  return Extension(out[at + 2u], out[at + 3u], mask_size + out[at + 3u] - out[at + 2u], rank);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u, @builtin(local_invocation_index) t: u32) {
  let neuron = group_index(id, all);
  if (neuron >= params.neurons) {
    return;
  }
  let mask_size = mask_sizes[params.mask_sizes_offset + neuron];
  let mask_start = params.masks_offset + neuron * params.masks_stride;
  let stride = params.length + 2u;
  if (t == 0u) {
    entered = 0u;
    last = Extension(0u, 0u, 1u, none);
    for (var i = 0u; i < 4u * params.beam; i++) {
      out[params.out_offset + neuron * params.out_stride + i] = select(0u, none, i % 4u < 2u);
    }
  }
  for (var first = 0u; first < params.beam; first += slots) {
    for (var tile = 0u; tile < params.concepts; tile += threads) {
      let c = tile + t;
      var own_both = 0u;
      var own_size = 0u;
      if (c < params.concepts) {
        own_both = shared_rows[params.shared_offset + neuron * params.shared_stride + c];
        own_size = sizes[params.sizes_offset + c];
      }
      var both = array<u32, 10>();
      var size = array<u32, 10>();
      for (var start = 0u; start < params.words; start += depth) {
        workgroupBarrier();
        for (var i = t; i < slots * depth; i += threads) {
          let slot = first + i / depth;
          let word = start + i % depth;
          var bits = 0u;
          if (slot < params.beam && word < params.words) {
            bits = formula_word(params.formulas_offset + neuron * params.formulas_stride + slot * stride, word);
          }
          formula[i] = bits;
          formula_mask[i] = bits & masks[mask_start + min(word, params.words - 1u)];
        }
        workgroupBarrier();
        if (own_both > 0u) {
          for (var w = 0u; w < min(depth, params.words - start); w++) {
            let bits = concepts[params.concepts_offset + c * params.concepts_stride + start + w];
            for (var k = 0u; k < slots; k++) {
              size[k] += countOneBits(bits & formula[k * depth + w]);
              both[k] += countOneBits(bits & formula_mask[k * depth + w]);
            }
          }
        }
      }
      var taken = 0u;
      loop {
        var best = Extension(0u, 0u, 1u, none);
        if (own_both > 0u) {
          for (var k = 0u; k < slots && first + k < params.beam; k++) {
            let at = params.formulas_offset + neuron * params.formulas_stride + (first + k) * stride;
            let has = formulas[at];
            if (has == 0u) {
              continue;
            }
            let all_rows = formulas[at + 1u];
            for (var kind = 0u; kind < 3u; kind++) {
              if (((taken >> (3u * k + kind)) & 1u) == 1u) {
                continue;
              }
              let inside = select(select(has - both[k], both[k], kind == 1u), has + own_both - both[k], kind == 0u);
              let rows = select(select(all_rows - size[k], size[k], kind == 1u), all_rows + own_size - size[k], kind == 0u);
              let rank = ((first + k) * params.concepts + c) * 3u + kind;
              let candidate = Extension(inside, rows, mask_size + rows - inside, rank);
              if (precedes(candidate, best) && precedes(candidate, last)) {
                best = candidate;
              }
            }
          }
        }
        offers[t] = best;
        for (var half = threads / 2u; half > 0u; half /= 2u) {
          workgroupBarrier();
          if (t < half && precedes(offers[t + half], offers[t])) {
            offers[t] = offers[t + half];
          }
        }
        let winner = workgroupUniformLoad(&offers[0]);
        if (winner.both == 0u) {
          break;
        }
        if (winner.rank == best.rank) {
          taken |= 1u << (3u * (winner.rank / 3u / params.concepts - first) + winner.rank % 3u);
        }
        if (t == 0u) {
          enter(neuron, winner, mask_size);
        }
        workgroupBarrier();
      }
    }
  }
}
