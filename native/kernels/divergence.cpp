// Kullback and Leibler's divergence of row pairs of logits, in nats: KL(p ‖ q) with p = softmax(before),
// q = softmax(after).
//
// As Σ p·(d + e^−d − 1), d = ln p − ln q: every term is ≥ 0, so that nothing cancels and a
// divergence of 1e-9 keeps its digits. Row i of `after` is compared with row index[i] of `before`
// (i without an index); the result is 0 where index[i] is 2^32 − 1. Sums of 4,096 terms in float32,
// added in float64. One task per block of rows.
#include <math.h>

#include "kernels/lanes.h"
#include "kernels/vector-math.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::uint32_t kNoRow = 0xffffffffu;

// ln Σ e^x of a row.
[[gnu::always_inline]] inline double logSum(const float* row, std::size_t width) {
  const float largest = largestOfRow(row, width);
  return largest + ::log(sumLongRow(width, [&](std::size_t c, std::size_t n) { return exponentialBelow(loadPart(row + c, n, -3e38f) - largest); }));
}

// d + e^−d − 1 for |d| < 0.3, where the sum itself would cancel.
[[gnu::always_inline]] inline Floats nearExcess(Floats d) {
  return d * d * (0.5f - d * (0.166666667f - d * (0.0416666667f - d * (0.00833333333f - d * 0.00138888889f))));
}

[[gnu::always_inline]] inline double divergenceOf(const float* before, const float* after, std::size_t width) {
  const double sumBefore = logSum(before, width), sumAfter = logSum(after, width);
  const auto shift = static_cast<float>(sumAfter - sumBefore);
  const auto largest = static_cast<float>(sumBefore);
  return sumLongRow(width, [&](std::size_t c, std::size_t n) {
    const Floats x = loadPart(before + c, n, -3e38f);
    const Floats d = (x - loadPart(after + c, n, -3e38f)) + shift;
    // p·e^−d is q: it stays finite where e^−d alone would not, for logits that rise steeply.
    const Floats p = exponential(x - largest);
    const Floats far = p * (d - 1.0f) + exponential((x - largest) - d);
    return select(absolute(d) < 0.3f, p * nearExcess(d), far);
  });
}

}  // namespace

const char* divergence(const Arguments& arguments, Pool& pool) {
  const auto* before = arguments.data<const float>(0);
  const auto* after = arguments.data<const float>(1);
  const auto* index = arguments.data<const std::uint32_t>(2);
  auto* out = arguments.data<float>(3);
  const std::size_t rows = arguments.size(0), width = arguments.size(1), sourceRows = arguments.size(2);
  for (std::size_t i = 0; i < rows; i++) {
    if (index ? index[i] != kNoRow && index[i] >= sourceRows : i >= sourceRows) return "a row number is past the end of the logits";
  }

  overRows(pool, rows, width, 1 << 14, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      const std::size_t other = index ? index[i] : i;
      const bool none = index && index[i] == kNoRow;
      out[i] = none ? 0.0f : static_cast<float>(divergenceOf(before + other * arguments.stride(0), after + i * arguments.stride(1), width));
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
