// The second half of attention, from softmax weights that an intervention may have changed:
// out = Σ_k weights[t, head·span + k] · value[row of key k].
//
// Sequences, ranges and heads as in attention. float32: weights of one query, sums of 64 keys.
// One task per block of queries, four of them at a time.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kPart = 64;
constexpr std::size_t kQueries = 4;  // of one tile

struct Matrix {
  const float* data;
  std::size_t stride;
};

struct Out {
  float* data;
  std::size_t stride;
};

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

// out[i, c …] = Σ_k weights[i, k] · value[row of key k, c …] for R queries and C vectors of columns, or one vector of
// `tail` columns: a row of values is read once for all of them.
template <std::size_t R, std::size_t C, bool Whole>
[[gnu::always_inline]] inline void mixTile(const Matrix& weights, const Matrix& value, const Keys& keys, std::size_t tail, const Out& out) {
  Floats sum[R][C] = {};
  for (std::size_t first = 0; first < keys.count; first += kPart) {
    Floats part[R][C] = {};
    for (std::size_t k = first; k < smaller(keys.count, first + kPart); k++) {
      const float* row = value.data + keys.row(k) * value.stride;
      Floats at[C];
#pragma GCC unroll 4
      for (std::size_t c = 0; c < C; c++) at[c] = Whole ? load(row + c * kLanes) : loadPart(row, tail);
#pragma GCC unroll 4
      for (std::size_t i = 0; i < R; i++) {
        const Floats weight = splat(weights.data[i * weights.stride + k]);
#pragma GCC unroll 4
        for (std::size_t c = 0; c < C; c++) part[i][c] += weight * at[c];
      }
    }
#pragma GCC unroll 4
    for (std::size_t i = 0; i < R; i++) {
#pragma GCC unroll 4
      for (std::size_t c = 0; c < C; c++) sum[i][c] += part[i][c];
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < R; i++) {
#pragma GCC unroll 4
    for (std::size_t c = 0; c < C; c++) storePart(out.data + i * out.stride + c * kLanes, sum[i][c], Whole ? kLanes : tail);
  }
}

// One head of R queries.
template <std::size_t R>
void mixHead(const Matrix& weights, const Matrix& value, const Keys& keys, std::size_t width, const Out& out) {
  for (std::size_t column = 0; column < width;) {
    const std::size_t left = width - column;
    const Matrix from = {value.data + column, value.stride};
    const Out to = {out.data + column, out.stride};
    if (left >= 2 * kLanes) mixTile<R, 2, true>(weights, from, keys, kLanes, to);
    else if (left >= kLanes) mixTile<R, 1, true>(weights, from, keys, kLanes, to);
    else mixTile<R, 1, false>(weights, from, keys, left, to);
    column += left >= 2 * kLanes ? 2 * kLanes : kLanes;
  }
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
      for (std::size_t t = offsets[s] + begin; t < offsets[s] + end;) {
        const bool tile = t + kQueries <= offsets[s] + end;
        for (std::size_t h = 0; h < heads; h++) {
          const Matrix from = {weights + t * arguments.stride(0) + h * span, arguments.stride(0)};
          const Matrix values = {value + h * keyHeads / heads * width, arguments.stride(1)};
          const Out to = {out + t * arguments.stride(4) + h * width, arguments.stride(4)};
          if (tile) mixHead<kQueries>(from, values, keys, width, to);
          else mixHead<1>(from, values, keys, width, to);
        }
        t += tile ? kQueries : 1;
      }
    });
  }
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
