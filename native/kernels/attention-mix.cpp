// The second half of attention, from softmax weights that an intervention may have changed:
// out = Σ_k weights[t, head·span + k] · value[row of key k].
//
// Sequences, ranges and heads as in attention. float32: weights of one query, sums of 64 keys.
// One task per block of queries.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kPart = 64;

struct Keys {
  std::size_t prefix, prefixCount, own, count;

  [[gnu::always_inline]] std::size_t row(std::size_t key) const { return key < prefixCount ? prefix + key : own + key - prefixCount; }
};

[[gnu::always_inline]] inline Keys keysOf(const std::uint32_t* offsets, const std::uint32_t* ranges, std::size_t sequence) {
  if (!ranges) return {0, 0, offsets[sequence], offsets[sequence + 1] - offsets[sequence]};
  const std::uint32_t* range = ranges + 4 * sequence;
  const std::size_t prefix = range[1] - range[0];
  return {range[0], prefix, range[2], prefix + (range[3] - range[2])};
}

[[gnu::always_inline]] inline void mixHead(const float* weights, const float* value, std::size_t stride, const Keys& keys, std::size_t width, float* out) {
  alongRow(width, [&](std::size_t c, std::size_t n) {
    Floats sum = {};
    for (std::size_t first = 0; first < keys.count; first += kPart) {
      Floats part = {};
      for (std::size_t k = first; k < smaller(keys.count, first + kPart); k++) {
        part += weights[k] * loadPart(value + keys.row(k) * stride + c, n);
      }
      sum += part;
    }
    storePart(out + c, sum, n);
  });
}

}  // namespace

const char* attentionMix(const Arguments& arguments, Pool& pool) {
  const auto* weights = arguments.data<const float>(0);
  const auto* value = arguments.data<const float>(1);
  const auto* offsets = arguments.data<const std::uint32_t>(2);
  const auto* ranges = arguments.data<const std::uint32_t>(3);
  auto* out = arguments.data<float>(4);
  const std::size_t sequences = arguments.size(0), tokens = arguments.size(1), keyRows = arguments.size(2);
  const std::size_t heads = arguments.size(4), keyHeads = arguments.size(5), width = arguments.size(6), span = arguments.size(7);
  if (keyHeads == 0 || heads % keyHeads != 0) return "the query heads are not a multiple of the key heads";

  for (std::size_t s = 0; s < sequences; s++) {
    if (offsets[s] > offsets[s + 1] || offsets[s + 1] > tokens) return "a sequence reaches past the last query";
    const Keys keys = keysOf(offsets, ranges, s);
    if (keys.prefix + keys.prefixCount > keyRows || keys.count < keys.prefixCount || keys.own + keys.count - keys.prefixCount > keyRows) return "a sequence reaches past the last key";
    if (keys.count > span) return "a sequence has more keys than the span of the weights";
  }
  for (std::size_t s = 0; s < sequences; s++) {
    const Keys keys = keysOf(offsets, ranges, s);
    overRows(pool, offsets[s + 1] - offsets[s], heads * width * (1 + keys.count), 1 << 18, [&](std::size_t begin, std::size_t end) {
      for (std::size_t t = offsets[s] + begin; t < offsets[s] + end; t++) {
        for (std::size_t h = 0; h < heads; h++) {
          mixHead(weights + t * arguments.stride(0) + h * span, value + h * keyHeads / heads * width, arguments.stride(1), keys, width,
                  out + t * arguments.stride(4) + h * width);
        }
      }
    });
  }
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
